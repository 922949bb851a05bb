import {
  type Connection,
  type ConnectionContext,
  routePartykitRequest,
  Server,
  type WSMessage,
} from "partyflare/compat/partyserver";

interface Env {
  Chat: DurableObjectNamespace<Chat>;
}

/** The state of a connection. */
interface Person {
  name: string;
}

/** A chat with stored messages, as it was written for partyserver. */
export class Chat extends Server<Env> {
  static options = { hibernate: true };

  onStart() {
    this.sql`CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, name TEXT, text TEXT)`;
  }

  getConnectionTags(_connection: Connection, { request }: ConnectionContext) {
    return [new URL(request.url).searchParams.get("role") ?? "guest"];
  }

  onConnect(connection: Connection<Person>, { request }: ConnectionContext) {
    const name = new URL(request.url).searchParams.get("name") ?? "Somebody";
    connection.setState({ name });
    for (const row of this.messages()) connection.send(JSON.stringify(row));
  }

  onMessage(from: Connection<Person>, text: WSMessage) {
    if (typeof text !== "string") return;
    const name = from.state?.name ?? "";
    this.sql`INSERT INTO messages (name, text) VALUES (${name}, ${text})`;
    this.broadcast(JSON.stringify({ name, text }));
    for (const host of this.getConnections("host")) host.send(`${this.name}: ${from.id}`);
  }

  onRequest() {
    return Response.json({ room: this.name, messages: this.messages() });
  }

  messages() {
    return this.sql<{ name: string; text: string }>`SELECT name, text FROM messages ORDER BY id`;
  }
}

export default {
  async fetch(request, env) {
    const response = await routePartykitRequest(request, env, {
      onBeforeConnect: ({ url }) =>
        new URL(url).searchParams.has("name")
          ? undefined
          : new Response("A name is missing.", { status: 401 }),
    });
    return response ?? new Response("Not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
