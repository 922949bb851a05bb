import { fromPartyKit } from "../src/compat/partykit";
import type * as Party from "../src/compat/partykit";

/** A class as an app wrote it for PartyKit. */
export class KitChat implements Party.Server {
  static async onBeforeConnect(request: Party.Request, lobby: Party.Lobby) {
    const name = new URL(request.url).searchParams.get("name");
    if (name === null) return new Response(`no name for ${lobby.id}`, { status: 401 });
    if (name === "nobody's") throw new Error("a mistake of the hook");
    const named = new Request(request);
    named.headers.set("X-Name", name);
    return named;
  }

  static async onBeforeRequest(request: Party.Request, lobby: Party.Lobby) {
    if (lobby.id === "closed") return new Response("closed", { status: 403 });
    if (lobby.id === "failing") throw new Error("a mistake of the hook");
    return request;
  }

  static async onFetch(request: Party.Request, lobby: Party.FetchLobby) {
    const { pathname } = new URL(request.url);
    if (pathname === "/elsewhere") return Response.json({ text: lobby.env["TEXT"] });
    return null;
  }

  static async onSocket(socket: Party.FetchSocket) {
    if (socket.request.url.endsWith("/broken")) throw new Error("a mistake of onSocket");
    socket.addEventListener("message", ({ data }) => {
      socket.send(`${new URL(socket.request.url).pathname} ${String(data)}`);
    });
  }

  static async onCron(cron: Party.Cron, lobby: Party.CronLobby) {
    await lobby.parties["main"]?.get("cron").fetch("/ran", { method: "POST", body: cron.name });
  }

  messages: string[] = [];

  constructor(readonly room: Party.Room) {}

  async onStart() {
    this.messages = (await this.room.storage.get<string[]>("messages")) ?? [];
  }

  getConnectionTags(_connection: Party.Connection, { request }: Party.ConnectionContext) {
    return [`name:${request.headers.get("X-Name") ?? ""}`];
  }

  onConnect(connection: Party.Connection<{ said: number }>) {
    connection.setState({ said: 0 });
    connection.send(`hello ${connection.id} of ${this.room.name}/${this.room.id}`);
  }

  async onMessage(message: string, sender: Party.Connection<{ said: number }>) {
    if (message === "throw") throw new Error("a mistake of the app");
    sender.setState((state) => ({ said: (state?.said ?? 0) + 1 }));
    this.messages.push(message);
    await this.room.storage.put("messages", this.messages);
    const others = [...this.room.getConnections("name:bob")].map(({ id }) => id);
    const said = sender.state?.said;
    const ids = [...this.room.connections.keys()].toSorted();
    this.room.broadcast(JSON.stringify({ message, said, others, ids }), ["silent"]);
  }

  onClose(connection: Party.Connection) {
    this.room.broadcast(`bye ${connection.id}`);
  }

  onError(connection: Party.Connection, error: Error) {
    connection.send(`failed: ${error.message}`);
  }

  async onRequest(request: Party.Request) {
    const { pathname } = new URL(request.url);
    const { parties, bindings } = this.room.context;
    if (request.method === "POST") this.messages.push(await request.text());
    if (pathname.endsWith("/alarm")) await this.room.storage.setAlarm(Date.now() + 600_000);
    if (pathname.endsWith("/bucket"))
      return new Response(String(await bindings.r2["files"]?.list()));
    if (pathname.endsWith("/nowhere")) return parties["nowhere"]!.get("x").fetch();
    if (pathname.endsWith("/forward")) return parties["kit-object"]!.get("lobby").fetch(request);
    if (pathname.endsWith("/slashless")) return parties["kit-object"]!.get("lobby").fetch("x");
    if (pathname.endsWith("/other")) {
      const other = parties["kit-object"]!.get("lobby");
      const socket = await other.socket("/door?_pk=room");
      const reply = new Promise<string>((resolve) => {
        socket.addEventListener("message", ({ data }) => resolve(String(data)));
      });
      socket.send("hello");
      const answer = await other.fetch("/count", { method: "POST" });
      const both = [await reply, await answer.text()];
      socket.close();
      return Response.json(both);
    }
    const { id, name, internalID } = this.room;
    return Response.json({ id, name, isInternal: internalID.length === 64, said: this.messages });
  }

  async onAlarm() {
    this.messages.push(`alarm of ${this.room.id}`);
  }
}

KitChat satisfies Party.Worker;

/** The older form of a server. */
export const kitObject = {
  onConnect(connection, room) {
    connection.setState({ room: room.id });
  },
  onMessage(message, connection, room) {
    connection.send(`${room.id} ${connection.id} ${String(message)}`);
  },
  onRequest(request, room) {
    return new Response(`${request.method} ${new URL(request.url).pathname} ${room.name}`);
  },
} satisfies Party.PartyKitServer;

/** A class that sets the option on its instances. */
class SleepyChat implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: true };
  /** The connections from before this start. The room exists from here on. */
  readonly found: Party.Connection[];

  constructor(readonly room: Party.Room) {
    this.found = [...room.getConnections()];
  }

  onMessage(message: string, sender: Party.Connection) {
    sender.send(`${this.room.id} ${message} ${this.found.includes(sender)}`);
  }
}

export const KitMain = fromPartyKit(KitChat);
export const KitObject = fromPartyKit(kitObject);
export const KitSleepy = fromPartyKit(SleepyChat);
