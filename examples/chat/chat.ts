import { type ConnectionOf, type Message, Party, PartyError } from "partyflare";
import { chat, type Line } from "./contract";

interface Env {
  Chat: DurableObjectNamespace<Chat>;
}

type Visitor = ConnectionOf<typeof chat>;

/** A room where people talk. It leaves memory while nobody says anything. */
export class Chat extends Party.for(chat)<Env> {
  static options = { hibernate: true };

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

  onStart() {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS lines (number INTEGER PRIMARY KEY, by TEXT, text TEXT)",
    );
  }

  authorize(request: Request) {
    const name = new URL(request.url).searchParams.get("name")?.trim().slice(0, 40);
    if (!name) throw new PartyError("unauthorized", { message: "Say who you are: ?name=Ada" });
    return { name };
  }

  onConnect(connection: Visitor) {
    connection.emit("history", this.#lines());
    this.emit("here", this.#names());
  }

  /** Of clients that speak no frames, such as `wscat`: what they send is what they say. */
  onMessage(from: Visitor, message: Message) {
    if (typeof message === "string") this.#say(from, message.slice(0, 500));
  }

  onClose() {
    this.emit("here", this.#names());
  }

  #say(from: Visitor, text: string) {
    const line = { by: from.state.name, text };
    this.ctx.storage.sql.exec("INSERT INTO lines (by, text) VALUES (?, ?)", line.by, text);
    this.emit("said", line);
  }

  #names(): string[] {
    return this.getConnections().map(({ state }) => state.name);
  }

  /** The last 50 lines, the oldest first. */
  #lines(): Line[] {
    return this.ctx.storage.sql
      .exec<Line>("SELECT by, text FROM lines ORDER BY number DESC LIMIT 50")
      .toArray()
      .toReversed();
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
