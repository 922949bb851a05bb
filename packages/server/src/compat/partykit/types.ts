import type { Connection as ServerConnection } from "../partyserver/connection-types";

export type {
  ConnectionContext,
  ConnectionSetStateFn,
  ConnectionState,
} from "../partyserver/connection-types";

/** A request. */
export type Request = globalThis.Request;

/** The storage of a room. */
export type Storage = DurableObjectStorage;

/** What keeps a Worker awake after its answer. */
export type ExecutionContext = globalThis.ExecutionContext;

/** One client's WebSocket in a room. */
export type Connection<State = unknown> = ServerConnection<State> & { uri: string };

/** A room of this or another party. */
export interface Stub {
  /** @deprecated It is not offered: use `await socket()`. */
  connect(): WebSocket;
  /** Opens a WebSocket to the room, at a path below the room's. */
  socket(pathOrInit?: string | RequestInit): Promise<WebSocket>;
  socket(path: string, init?: RequestInit): Promise<WebSocket>;
  /** Sends a request to the room, at a path below the room's. The URL of a `Request` is ignored. */
  fetch(pathOrInit?: string | RequestInit | Request): Promise<Response>;
  fetch(path: string, init?: RequestInit | Request): Promise<Response>;
}

/** The Workers AI binding. */
export type AI = Record<string, never>;

/** The Worker's bindings, as PartyKit named them. */
export interface Context {
  /** The parties by their names in URLs. */
  parties: Record<string, { get(id: string): Stub }>;
  ai: AI;
  vectorize: Record<string, VectorizeIndex>;
  assets: { fetch(path: string): Promise<Response | null> };
  bindings: { r2: Record<string, R2Bucket>; kv: Record<string, KVNamespace> };
}

/** The second argument of `onFetch` and `onSocket`. */
export interface FetchLobby extends Context {
  env: Record<string, unknown>;
  analytics: AnalyticsEngineDataset;
}

/** The second argument of `onCron`. */
export type CronLobby = FetchLobby;

/** The second argument of `onBeforeConnect` and `onBeforeRequest`. */
export interface Lobby extends FetchLobby {
  /** The room's id, as it stands in the URL. */
  id: string;
}

/** A room, as PartyKit passed it to the constructor of a class. */
export interface Room {
  /** The room's id, as it stands in the URL. */
  id: string;
  /** The id of its Durable Object. */
  internalID: string;
  /** The party's name in URLs. */
  name: string;
  env: Record<string, unknown>;
  storage: Storage;
  blockConcurrencyWhile: DurableObjectState["blockConcurrencyWhile"];
  context: Context;
  /** @deprecated Use `getConnections`. */
  connections: Map<string, Connection>;
  /** @deprecated Use `context.parties`. */
  parties: Context["parties"];
  /** Sends a message to every open connection, except those with the ids in `without`. */
  broadcast(message: string | ArrayBuffer | ArrayBufferView, without?: string[]): void;
  /** Returns the open connection with this id. */
  getConnection<State = unknown>(id: string): Connection<State> | undefined;
  /** Returns the open connections with a tag; all of them without one. */
  getConnections<State = unknown>(tag?: string): Iterable<Connection<State>>;
  analytics: AnalyticsEngineDataset;
}

/** @deprecated Use `Room`. */
export type Party = Room;

/** Options of a class: of its instances, or static. */
export interface ServerOptions {
  /** Whether the room may leave memory while connections stay open. Default: false. */
  hibernate?: boolean;
}

/** An instance of a PartyKit class. */
export interface Server {
  readonly options?: ServerOptions;
  getConnectionTags?(
    connection: Connection,
    context: { request: Request },
  ): string[] | Promise<string[]>;
  onStart?(): void | Promise<void>;
  onConnect?(connection: Connection, context: { request: Request }): void | Promise<void>;
  onMessage?(
    message: string | ArrayBuffer | ArrayBufferView,
    sender: Connection,
  ): void | Promise<void>;
  onClose?(connection: Connection): void | Promise<void>;
  onError?(connection: Connection, error: Error): void | Promise<void>;
  onRequest?(request: Request): Response | Promise<Response>;
  onAlarm?(): void | Promise<void>;
}

/** The WebSocket of `onSocket`, with the request that asked for it. */
export type FetchSocket = WebSocket & { request: Request };

/** The first argument of `onCron`. */
export type Cron = ScheduledController & { name: string };

/** What a hook before a room returns: the answer, or the request to go on with. */
type Before = (
  request: Request,
  lobby: Lobby,
  context: ExecutionContext,
) => Request | Response | Promise<Request | Response>;

/** What a hook for other URLs returns: the answer, or nothing. */
type Fetch = (
  request: Request,
  lobby: FetchLobby,
  context: ExecutionContext,
) => Response | null | undefined | Promise<Response | null | undefined>;

/** The functions that run in the Worker. */
interface WorkerHooks {
  onBeforeConnect?: Before;
  onBeforeRequest?: Before;
  onFetch?: Fetch;
  onSocket?(
    socket: FetchSocket,
    lobby: FetchLobby,
    context: ExecutionContext,
  ): void | Promise<void>;
  onCron?(controller: Cron, lobby: CronLobby, context: ExecutionContext): unknown;
}

/** A PartyKit class, with its static functions. */
export type Worker = WorkerHooks & {
  readonly options?: ServerOptions;
  new (room: Room): Server;
};

/** The older form of a PartyKit server: an object. */
export interface PartyKitServer extends WorkerHooks {
  readonly options?: ServerOptions;
  /** @deprecated Use `onFetch`. */
  unstable_onFetch?: Fetch;
  onConnect?(
    connection: Connection,
    room: Room,
    context: { request: Request },
  ): void | Promise<void>;
  onMessage?(
    message: string | ArrayBuffer | ArrayBufferView,
    connection: Connection,
    room: Room,
  ): void | Promise<void>;
  onClose?(connection: Connection, room: Room): void | Promise<void>;
  onError?(connection: Connection, error: Error, room: Room): void | Promise<void>;
  onRequest?(request: Request, room: Room): Response | Promise<Response>;
  onAlarm?(room: Omit<Room, "id" | "parties">): void | Promise<void>;
}
