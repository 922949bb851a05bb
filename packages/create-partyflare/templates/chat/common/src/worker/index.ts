import { history, Party, type PartyOptions, presence } from "partyflare";
import { chat, nameSchema } from "./contract";

/** A chat room. It leaves memory while nothing happens, and its connections stay open. */
export class Chat extends Party.for(chat) {
  static options: PartyOptions = { hibernate: true };

  /** Keeps the lines in SQLite. Newcomers get the last 50. */
  readonly history = this.use(history({ events: ["said"], onJoin: 50 }));

  /** Lists the people in the room. Two tabs of one browser are one person. */
  readonly presence = this.use(presence({ who: ({ state }) => ({ name: state.name }) }));

  readonly on = this.handle({
    say: ({ state }, { text }) => {
      this.emit("said", { by: state.name, text, atMs: Date.now() });
    },
    rename: (from, { name }) => {
      from.setState({ name });
      return { name };
    },
  });

  /** Anybody may enter. Throw a PartyError here to refuse a client. */
  authorize(request: Request) {
    const name = new URL(request.url).searchParams.get("name");
    return { name: nameSchema.catch("Guest").parse(name) };
  }
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Chat"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
