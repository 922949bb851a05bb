import { type Connection, type Message, Party, PartyError } from "partyflare";

interface Env {
  Chat: DurableObjectNamespace<Chat>;
}

/** What a connection is known by. It survives hibernation, as the connection itself does. */
interface Visitor {
  name: string;
}

/** A room where people talk. It leaves memory while nobody says anything. */
export class Chat extends Party<Env> {
  static options = { hibernate: true };

  onStart() {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS lines (number INTEGER PRIMARY KEY, text TEXT)",
    );
  }

  authorize(request: Request): Visitor {
    const name = new URL(request.url).searchParams.get("name")?.trim().slice(0, 40);
    if (!name) throw new PartyError("unauthorized", { message: "Say who you are: ?name=Ada" });
    return { name };
  }

  onConnect(connection: Connection<Visitor>) {
    for (const line of this.#lines()) connection.send(line);
    this.broadcast(`${nameOf(connection)} has come in.`, [connection.id]);
  }

  onMessage(connection: Connection<Visitor>, message: Message) {
    if (typeof message !== "string") return;
    const line = `${nameOf(connection)}: ${message.slice(0, 500)}`;
    this.ctx.storage.sql.exec("INSERT INTO lines (text) VALUES (?)", line);
    this.broadcast(line);
  }

  onClose(connection: Connection<Visitor>) {
    this.broadcast(`${nameOf(connection)} has left.`);
  }

  onRequest() {
    return Response.json({
      room: this.room,
      here: this.getConnections<Visitor>().map(nameOf),
    });
  }

  /** The last 50 lines, the oldest first. */
  #lines(): string[] {
    return this.ctx.storage.sql
      .exec<{ text: string }>("SELECT text FROM lines ORDER BY number DESC LIMIT 50")
      .toArray()
      .map(({ text }) => text)
      .toReversed();
  }
}

function nameOf({ state }: Connection<Visitor>): string {
  return state?.name ?? "Somebody";
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Chat"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
