import { type ConnectionContext, type ConnectionOf, Party } from "partyflare";
import { buzzer } from "./contract";

interface Env {
  Buzzer: DurableObjectNamespace<Buzzer>;
}

/** A quiz's buzzer: the first player to press it is announced, until the host resets it. */
export class Buzzer extends Party.for(buzzer)<Env> {
  #first: string | null = null;

  readonly on = this.handle({
    buzz: (from) => {
      if (this.#first !== null) return { isFirst: false };
      this.#first = from.id;
      this.emit("buzzed", { by: from.id }, { except: [from.id] });
      return { isFirst: true };
    },
    reset: (from) => {
      if (!from.tags.includes("host")) return;
      this.#first = null;
      this.emit("ready", undefined, { tags: ["player"] });
    },
  });

  getConnectionTags(_connection: ConnectionOf<typeof buzzer>, { request }: ConnectionContext) {
    return [
      new URL(request.url).searchParams.has("host") ? ("host" as const) : ("player" as const),
    ];
  }
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Buzzer"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
