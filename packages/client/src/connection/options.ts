import type { PartyError } from "@partyflare/shared";
import type { BackoffOptions } from "./backoff";
import type { PartyCloseEvent } from "./close-event";
import type { Identity } from "./identity";
import type { HeartbeatFactory } from "./heartbeat";
import type { Provider } from "./provider";
import type { Query, RoomLocation } from "./room-url";

/** A WebSocket class: the platform's, or that of the npm package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => object;

/** How much is queued while it cannot be sent, and what happens to what is beyond that. */
export interface QueueOptions {
  /** Messages: events, calls, text and bytes. 0 queues nothing. Default: 1,000. */
  maxMessages?: number | undefined;
  /** Their bytes together, text as UTF-8. Default: 1,048,576. */
  maxBytes?: number | undefined;
  /**
   * Which is dropped where there is one too many: the one that is to be sent now (`newest`, the
   * default), or those that have been queued for longest (`oldest`).
   */
  overflow?: "newest" | "oldest" | undefined;
}

/** What a `PartySocket` is made of. Only `party` and `room` are required. */
export interface PartySocketOptions extends RoomLocation {
  /**
   * By which the room knows this connection: 1 to 128 visible ASCII characters. It travels in the
   * URL, as `_pk`, and is no secret. Default: a random one, the same for this socket's lifetime.
   */
  id?: string | undefined;
  /**
   * Proves that `id` is this client's: base64url of 16 random bytes, as `randomKey()` makes it.
   * Who passes an `id` of their own that outlives the page keeps its key with it. Never in the
   * URL. Default: a random one.
   */
  key?: string | undefined;
  /**
   * The app's token, for the room's `authorize`. Never in the URL. A function is called before each
   * attempt, with a signal that aborts when the attempt ends; and once more after a close with 4401:
   * the room does not take the token, or it has ended. Without a function 4401 is final at once, and
   * with one it is when the fresh token is not taken either. Default: none.
   */
  token?: Provider<string | null | undefined> | undefined;
  /** The URL's query. Default: nothing but `_pk`. */
  query?: Provider<Query | null | undefined> | undefined;
  /** `ws` or `wss`. Default: as `host` says. */
  protocol?: "ws" | "wss" | undefined;
  /** Subprotocols of your own, offered after ours. Default: none. */
  protocols?: Provider<string | readonly string[] | null | undefined> | undefined;
  /** The WebSocket class. Required where there is no global one, as in Node 20. */
  WebSocket?: WebSocketClass | undefined;

  /** How long the client waits before an attempt that follows a failed one. */
  backoff?: BackoffOptions | undefined;
  /** partysocket's name for `backoff.initialMs`, which goes before it. */
  minReconnectionDelay?: number | undefined;
  /** partysocket's name for `backoff.maxMs`, which goes before it. */
  maxReconnectionDelay?: number | undefined;
  /** partysocket's name for `backoff.factor`, which goes before it. */
  reconnectionDelayGrowFactor?: number | undefined;
  /** How long a connection is open before the waits start afresh, in ms. Default: 5,000. */
  minUptime?: number | undefined;
  /**
   * How long an attempt may take in all, in ms: `query`, `token` and `protocols`, the handshake, and
   * the hello of a room with a contract. Default: 15,000.
   */
  connectionTimeout?: number | undefined;
  /**
   * How many attempts may follow a failed one; then the socket closes. The count starts afresh with
   * a connection that lasted, and when the network or the page is back. Default: no bound.
   */
  maxRetries?: number | undefined;
  /** What is queued while there is no connection, or while the network takes no more. */
  queue?: QueueOptions | undefined;
  /** partysocket's name for `queue.maxMessages`, which goes before it. */
  maxEnqueuedMessages?: number | undefined;
  /**
   * `heartbeat()` sends a ping every 25 s, give or take a fifth, and when the network or the page is
   * back. A connection that does not answer within 10 s is lost, or within 4 s after such a return.
   * While it is in doubt, messages are held. Only rooms of partyflare answer; no listener sees the
   * answer. Default: none. `connect` always has it.
   */
  heartbeat?: HeartbeatFactory | undefined;
  /** Whether to wait for `reconnect()` before connecting at all. Default: false. */
  startClosed?: boolean | undefined;
  /**
   * Called when a connection has ended, or an attempt failed, that would be followed by another:
   * false makes it final, and so does a throw. Not called for close codes that are final anyway.
   */
  shouldReconnectOnClose?: ((event: PartyCloseEvent) => boolean) | undefined;
}

/** What only a raw socket has. */
type RawOptions =
  | "heartbeat"
  | "maxEnqueuedMessages"
  | "maxRetries"
  | "protocols"
  | "shouldReconnectOnClose"
  | "startClosed";

/** Where a room is, who connects, and how patiently. Only `party` and `room` are required. */
export interface ConnectOptions extends Omit<PartySocketOptions, RawOptions> {
  /**
   * How long an event or a text waits for others to be sent with it, in ms: what is given to the
   * room in that time leaves as one message, of at most 64 KiB. A call waits for nothing, and takes
   * along what waits. Cloudflare bills 20 incoming messages as one request. Default: 0, which joins
   * what one task sends, and waits for nothing else; at most 1,000.
   */
  batchMs?: number | undefined;
  /**
   * What a reload of the page leaves of this client: `session()`. Default: nothing is left.
   */
  resume?: Resume | undefined;
}

/** A call that a page has made, and has not had the answer to. */
export interface SavedCall {
  readonly name: string;
  readonly input?: unknown;
  /** Its page, and its number there; undefined for one that was never sent. */
  readonly page?: string;
  readonly number?: number;
  /** What the room told when it was sent first; undefined for one that was never sent. */
  readonly since?: string;
}

/** What a page leaves to the next one, beside its identity. */
export interface SavedState {
  /** How far the client has come among the room's durable events. */
  readonly position?: string;
  /** In the order in which they were made. */
  readonly calls: readonly SavedCall[];
}

/** A call of this client's that is not answered yet. */
interface UnansweredCall extends SavedCall {
  /** Whether it happens once, and is kept until it is answered. */
  readonly isKept?: boolean;
  /** Whether the page before this one has made it. */
  readonly isResumed?: boolean;
  fail(error: PartyError): void;
}

/** What a call of the page before is known by. */
export type ResumedBy = Omit<SavedCall, "input" | "name"> & { readonly isResumed: true };

/** A client that may be that of the page before. */
export interface ResumableClient {
  readonly options: ConnectOptions;
  /** The user, where `token` does not tell. */
  readonly user?: string | undefined;
  readonly progress: {
    /** How far it has come among the room's durable events. */
    readonly position: string | undefined;
    /** How far the page before has come. */
    earlier: string | undefined;
  };
  readonly calls: {
    /** In the order in which they were made. */
    readonly unanswered: Iterable<UnansweredCall>;
    /** Whether the room has told which calls happen once. */
    readonly isGreeted: boolean;
    start(
      name: string,
      input: unknown,
      options: { timeoutMs: number },
      known: ResumedBy,
    ): Promise<unknown>;
  };
}

/** What keeps a client over a reload. */
export interface PageMemory {
  /** Who connects, as far as the app or the page before has said. */
  readonly identity: Partial<Identity>;
  /** The calls of the page before that go on. */
  readonly resumed: readonly { call: string; input: unknown; answer: Promise<unknown> }[];
  /** Makes sure that no other page is the same client. Called before every attempt. */
  claim(identity: Identity): Promise<Identity>;
  /** There is something else to be left. */
  changed(): void;
  /** Writes it now. */
  write(): void;
  /** The room is closed: another page may go on. */
  release(): void;
}

/** Goes on from the page before: `session()`. Undefined where nothing can be kept. */
export type Resume = (client: ResumableClient) => PageMemory | undefined;

/** Where `PartySocket.fetch` sends its request. */
export interface PartyFetchOptions extends RoomLocation {
  /** The URL's query. Default: none. */
  query?: Query | (() => Query | Promise<Query>) | undefined;
  /** `http` or `https`. Default: as `host` says. */
  protocol?: "http" | "https" | undefined;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}
