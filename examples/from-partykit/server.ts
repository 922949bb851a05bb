import type * as Party from "partyflare/compat/partykit";

/** The state of a connection. */
interface Person {
  name: string;
}

/** A chat, as it was written for PartyKit. Only the import above has changed. */
export default class Chat implements Party.Server {
  static async onBeforeConnect(request: Party.Request) {
    const name = new URL(request.url).searchParams.get("name");
    if (!name) return new Response("A name is missing.", { status: 401 });
    const named = new Request(request);
    named.headers.set("X-Name", name);
    return named;
  }

  static async onFetch(request: Party.Request) {
    const { pathname } = new URL(request.url);
    return pathname === "/health" ? new Response("ok") : null;
  }

  static async onCron(cron: Party.Cron, lobby: Party.CronLobby) {
    await lobby.parties["main"]
      ?.get("lobby")
      .fetch({ method: "POST", body: `It is ${cron.name}.` });
  }

  readonly options: Party.ServerOptions = { hibernate: true };

  constructor(readonly room: Party.Room) {}

  async onConnect(connection: Party.Connection<Person>, { request }: Party.ConnectionContext) {
    connection.setState({ name: request.headers.get("X-Name") ?? "" });
    const messages = (await this.room.storage.get<string[]>("messages")) ?? [];
    connection.send(JSON.stringify({ room: this.room.id, messages }));
  }

  async onMessage(message: string, sender: Party.Connection<Person>) {
    await this.say(`${sender.state?.name}: ${message}`);
  }

  onClose(connection: Party.Connection<Person>) {
    this.room.broadcast(`${connection.state?.name} has left.`);
  }

  async onRequest(request: Party.Request) {
    if (request.method === "POST") await this.say(await request.text());
    return Response.json({ here: [...this.room.getConnections()].length });
  }

  async say(text: string) {
    const messages = (await this.room.storage.get<string[]>("messages")) ?? [];
    await this.room.storage.put("messages", [...messages, text]);
    this.room.broadcast(text);
  }
}

Chat satisfies Party.Worker;
