import { type ConnectionOf, history, type Message, Party, PartyError } from "partyflare";
import { chat } from "./contract";

interface Env {
  Chat: DurableObjectNamespace<Chat>;
}

type Visitor = ConnectionOf<typeof chat>;

/** How long the room keeps what was said. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1_000;

/** A room where people talk. It leaves memory while nobody says anything. */
export class Chat extends Party.for(chat)<Env> {
  static options = { hibernate: true };

  /** Keeps what was said in SQLite. New clients receive the last 50 lines. */
  readonly history = this.use(history({ events: ["said"], onJoin: 50, keepMs: KEEP_MS }));

  readonly on = this.handle({
    say: (from, { text }) => this.#say(from, text),
    rename: (from, { name }) => {
      if (this.#names().includes(name)) {
        throw new PartyError("name_taken", { data: { suggestion: `${name} the Second` } });
      }
      from.setState({ name });
      this.emit("here", this.#names());
      return { name };
    },
  });

  authorize(request: Request) {
    const name = new URL(request.url).searchParams.get("name")?.trim().slice(0, 40);
    if (!name) throw new PartyError("unauthorized", { message: "Say who you are: ?name=Ada" });
    return { name };
  }

  onConnect() {
    this.emit("here", this.#names());
  }

  /** The messages of clients without a contract, such as `wscat`. */
  onMessage(from: Visitor, message: Message) {
    if (typeof message === "string") this.#say(from, message.slice(0, 500));
  }

  onClose() {
    this.emit("here", this.#names());
  }

  #say(from: Visitor, text: string) {
    this.emit("said", { by: from.state.name, text });
  }

  #names(): string[] {
    return this.getConnections().map(({ state }) => state.name);
  }
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Chat"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
