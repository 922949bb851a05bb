import { Party, type PartyOptions, presence } from "partyflare";
import { cursors } from "./contract";

/**
 * A board with everybody's pointer. The room stores nothing: it knows who is here from the open
 * connections, and leaves memory while nobody moves.
 */
export class Cursors extends Party.for(cursors) {
  static options: PartyOptions = { hibernate: true };

  readonly presence = this.use(
    presence({
      who: ({ client }) => ({ name: `Guest ${client.slice(0, 4)}`, hue: hueOf(client) }),
    }),
  );
}

/** Returns a hue in degrees, the same one for each person at every visit. */
function hueOf(client: string): number {
  return Array.from(client).reduce((hue, letter) => (hue * 31 + letter.charCodeAt(0)) % 360, 0);
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Cursors"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
