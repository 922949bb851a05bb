import { DurableObject } from "cloudflare:workers";
import { Server as OriginalServer } from "partyserver";
import { withYjs } from "y-partyserver";
import {
  type Connection,
  type ConnectionContext,
  Server,
  type ServerOptions,
  type WSMessage,
} from "../src/compat/partyserver";
import { type Connection as PartyConnection, type Message, Party } from "../src/index";

/** What a test does in the hooks of a server. Hooks that it leaves out do nothing. */
export interface ServerScript {
  onStart?(server: ScriptedServer, props: unknown): void | Promise<void>;
  getConnectionTags?(connection: Connection, context: ConnectionContext): string[];
  onConnect?(connection: Connection, server: ScriptedServer): void | Promise<void>;
  onMessage?(
    connection: Connection,
    message: WSMessage,
    server: ScriptedServer,
  ): void | Promise<void>;
  onClose?(connection: Connection, code: number): void | Promise<void>;
  onError?(connection: Connection, error: unknown): void;
  onException?(error: unknown): void;
  onRequest?(request: Request, server: ScriptedServer): Response | Promise<Response>;
  onAlarm?(server: ScriptedServer): void;
}

/** The scripts of the rooms under test, by their names. */
export const serverScripts = new Map<string, ServerScript>();

/** A server whose hooks a test has written. */
export class ScriptedServer extends Server {
  get #script(): ServerScript {
    return serverScripts.get(this.name) ?? {};
  }

  get storage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  /** The sockets that the platform finds by a tag of its own. */
  socketsOf(tag: string): WebSocket[] {
    return this.ctx.getWebSockets(tag);
  }

  override onStart(props?: Record<string, unknown>) {
    return this.#script.onStart?.(this, props);
  }

  override getConnectionTags(connection: Connection, context: ConnectionContext) {
    return this.#script.getConnectionTags?.(connection, context) ?? [];
  }

  override onConnect(connection: Connection) {
    return this.#script.onConnect?.(connection, this);
  }

  override onMessage(connection: Connection, message: WSMessage) {
    return this.#script.onMessage?.(connection, message, this);
  }

  override onClose(connection: Connection, code: number) {
    return this.#script.onClose?.(connection, code);
  }

  override onError(connection: Connection, error: unknown) {
    this.#script.onError?.(connection, error);
  }

  override onException(error: unknown) {
    this.#script.onException?.(error);
  }

  override onRequest(request: Request) {
    return this.#script.onRequest?.(request, this) ?? super.onRequest(request);
  }

  override onAlarm() {
    this.#script.onAlarm?.(this);
  }
}

export class SleepyServer extends ScriptedServer {
  static override options: ServerOptions = { hibernate: true };
}

export class StrictServer extends SleepyServer {
  static override options = { concurrentMessages: false, sharedIds: true };
}

/** A server that overrides the platform's entry points, and calls the base class. */
export class OverridingServer extends SleepyServer {
  readonly calls: string[] = [];

  override async fetch(request: Request) {
    this.calls.push("fetch");
    if (new URL(request.url).pathname.endsWith("/own")) return new Response("own");
    if (new URL(request.url).pathname.endsWith("/foreign")) return this.#acceptForeign();
    return super.fetch(request);
  }

  override async alarm() {
    this.calls.push("alarm");
    await super.alarm();
  }

  override async webSocketMessage(socket: WebSocket, message: WSMessage) {
    this.calls.push("webSocketMessage");
    await super.webSocketMessage(socket, message);
  }

  override async webSocketClose(
    ...closing: [socket: WebSocket, code: number, reason: string, wasClean: boolean]
  ) {
    this.calls.push("webSocketClose");
    await super.webSocketClose(...closing);
  }

  /** Accepts a socket that is none of the library's. */
  #acceptForeign(): Response {
    const { 0: client, 1: socket } = new WebSocketPair();
    this.ctx.acceptWebSocket(socket, ["foreign"]);
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** The rooms that have moved away from partyserver, by their names, and to which class. */
export const moved = new Map<string, "Party" | "Server">();

/** A chat as an app wrote it for partyserver, over the `Server` of either package. */
function chatOf(Base: typeof OriginalServer) {
  return class extends Base {
    static override options = { hibernate: true };

    override getConnectionTags() {
      return ["guest"];
    }

    override onConnect(connection: Parameters<OriginalServer["onConnect"]>[0]) {
      connection.setState({ said: 0 });
    }

    override onMessage(from: Parameters<OriginalServer["onMessage"]>[0], text: string) {
      const { said } = from.state as { said: number };
      from.setState({ said: said + 1 });
      const messages = this.ctx.storage.kv.get<string[]>("messages") ?? [];
      this.ctx.storage.kv.put("messages", [...messages, text]);
      const tagged = [...this.getConnections("guest")].map(({ id }) => id);
      this.broadcast(JSON.stringify({ by: from.id, uri: from.uri, said, tagged }));
    }

    override onRequest() {
      return Response.json(this.ctx.storage.kv.get("messages"));
    }
  };
}

const OriginalChat = chatOf(OriginalServer);
const MovedChat = chatOf(Server as unknown as typeof OriginalServer);

/** The same chat, moved on. */
class ChatParty extends Party {
  static override options = { hibernate: true };

  override onMessage(from: PartyConnection<{ said: number }>, text: Message) {
    const said = from.state?.said ?? 0;
    const tagged = this.getConnections(["guest"]).map(({ id }) => id);
    const messages = this.ctx.storage.kv.get<string[]>("messages") ?? [];
    this.ctx.storage.kv.put("messages", [...messages, text]);
    this.broadcast(JSON.stringify({ by: from.id, said, tagged }));
  }
}

/** A room of partyserver, and after its move a room of this library. */
export class MovingRoom extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const to = moved.get(ctx.id.name ?? "");
    // The platform takes the object that a constructor returns.
    if (to === "Party") return new ChatParty(ctx, env);
    return to === "Server" ? new MovedChat(ctx, env) : new OriginalChat(ctx, env);
  }
}

/** A document of y-partyserver. */
export class YjsRoom extends withYjs(Server as unknown as typeof OriginalServer) {
  static override options = { hibernate: true };
}
