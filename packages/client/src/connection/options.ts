import type { PartyError } from "@partyflare/shared";
import type { BackoffOptions } from "./backoff";
import type { PartyCloseEvent } from "./close-event";
import type { Identity } from "./identity";
import type { HeartbeatFactory } from "./heartbeat";
import type { Provider } from "./provider";
import type { Query, RoomLocation } from "./room-url";

/** A WebSocket class: the platform's, or the one of the npm package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => object;

/** Bounds of the queue, which holds messages while they cannot be sent. */
export interface QueueOptions {
  /** The most messages: events, calls, text and bytes. 0 queues nothing. Default: 1,000. */
  maxMessages?: number | undefined;
  /** The most bytes of all queued messages, text as UTF-8. Default: 1,048,576. */
  maxBytes?: number | undefined;
  /**
   * The message to drop when the queue is full: the new one (`newest`), or those that were queued
   * first (`oldest`). Default: `newest`.
   */
  overflow?: "newest" | "oldest" | undefined;
}

/** Options of a `PartySocket`. Only `party` and `room` are required. */
export interface PartySocketOptions extends RoomLocation {
  /**
   * This connection's id in the room: 1 to 128 visible ASCII characters. The URL carries it as
   * `_pk`, so it is no secret. Default: a random id, the same for this socket's lifetime.
   */
  id?: string | undefined;
  /**
   * Proves that `id` is this client's: base64url of 16 random bytes, as `randomKey()` returns. If
   * your app stores its own `id`, store the key with it. The key is never in the URL. Default: a
   * random key.
   */
  key?: string | undefined;
  /**
   * The app's token, for the room's `authorize`. It is never in the URL.
   *
   * A function is called before each attempt, with a signal that aborts when the attempt ends. It
   * is called once more after a close with 4401: the token was refused, or it expired. Without a
   * function, 4401 is final. With one, 4401 is final if the fresh token is refused too. Default:
   * none.
   */
  token?: Provider<string | null | undefined> | undefined;
  /** The URL's query. Default: only `_pk`. */
  query?: Provider<Query | null | undefined> | undefined;
  /** `ws` or `wss`. Default: derived from `host`. */
  protocol?: "ws" | "wss" | undefined;
  /** Your own subprotocols, offered after the library's. Default: none. */
  protocols?: Provider<string | readonly string[] | null | undefined> | undefined;
  /** The WebSocket class. Required if there is no global one, as in Node 20. */
  WebSocket?: WebSocketClass | undefined;

  /** How long the client waits after a failed attempt before it retries. */
  backoff?: BackoffOptions | undefined;
  /** partysocket's name for `backoff.initialMs`, which takes precedence. */
  minReconnectionDelay?: number | undefined;
  /** partysocket's name for `backoff.maxMs`, which takes precedence. */
  maxReconnectionDelay?: number | undefined;
  /** partysocket's name for `backoff.factor`, which takes precedence. */
  reconnectionDelayGrowFactor?: number | undefined;
  /** How long a connection must be open before the backoff is reset, in ms. Default: 5,000. */
  minUptime?: number | undefined;
  /**
   * The timeout of an attempt, in ms. It covers `query`, `token` and `protocols`, the handshake,
   * and the `$hello` of a room with a contract. Default: 15,000.
   */
  connectionTimeout?: number | undefined;
  /**
   * The most retries after a failed attempt; then the socket closes. A connection that lasts
   * `minUptime` resets the count. So does the return of the network or the page. Default: no limit.
   */
  maxRetries?: number | undefined;
  /**
   * The queue of messages that cannot be sent: there is no connection, or the network is congested.
   */
  queue?: QueueOptions | undefined;
  /** partysocket's name for `queue.maxMessages`, which takes precedence. */
  maxEnqueuedMessages?: number | undefined;
  /**
   * The heartbeat: `heartbeat()` turns it on. It sends a ping every 25 s ± 20%, and when the
   * network or the page is back. The timeout is 10 s, and 4 s after such a return.
   *
   * While the connection is in doubt, messages are queued. Only partyflare rooms answer, and
   * listeners do not receive the answers. Default: none. `connect` always has a heartbeat.
   */
  heartbeat?: HeartbeatFactory | undefined;
  /** Whether to stay closed until `reconnect()` is called. Default: false. */
  startClosed?: boolean | undefined;
  /**
   * Called after a connection has ended or an attempt has failed, if the client would reconnect.
   * The close is final if it returns false or throws. It is not called for final close codes.
   */
  shouldReconnectOnClose?: ((event: PartyCloseEvent) => boolean) | undefined;
}

/** Options that only a raw socket has. */
type RawOptions =
  | "heartbeat"
  | "maxEnqueuedMessages"
  | "maxReconnectionDelay"
  | "maxRetries"
  | "minReconnectionDelay"
  | "protocols"
  | "reconnectionDelayGrowFactor"
  | "shouldReconnectOnClose"
  | "startClosed";

/**
 * Options of `connect`: the room, the client and the retries. Only `party` and `room` are required.
 */
export interface ConnectOptions extends Omit<PartySocketOptions, RawOptions> {
  /**
   * How long an event or text waits to be sent in one message with others, in ms: 0 to 1,000. A
   * message carries at most 64 KiB. A call does not wait, and the waiting messages are sent with
   * it.
   *
   * Cloudflare bills 20 incoming messages as one request. Default: 0, which joins only the messages
   * of one task.
   */
  batchMs?: number | undefined;
  /**
   * Resumes this client after a reload of the page: `session()`. Default: a reload is a new client.
   */
  resume?: Resume | undefined;
}

/** A call that a page has made and that has no answer yet. */
export interface SavedCall {
  readonly name: string;
  readonly input?: unknown;
  /** The id of its page, and its number there; undefined if it was never sent. */
  readonly page?: string;
  readonly number?: number;
  /** The room's `since` when the call was first sent; undefined if it was never sent. */
  readonly since?: string;
}

/** The state that a page saves for the next page, besides its identity. */
export interface SavedState {
  /** This client's position in the room's durable events. */
  readonly position?: string;
  /** The unanswered calls, in the order in which they were made. */
  readonly calls: readonly SavedCall[];
}

/** A call of this client that has no answer yet. */
interface UnansweredCall extends SavedCall {
  /** Whether the call happens once, and is kept until it is answered. */
  readonly isKept?: boolean;
  /** Whether the previous page made the call. */
  readonly isResumed?: boolean;
  fail(error: PartyError): void;
}

/** The fields that identify a call of the previous page. */
export type ResumedBy = Omit<SavedCall, "input" | "name"> & { readonly isResumed: true };

/** A client that may resume the previous page's session. */
export interface ResumableClient {
  readonly options: ConnectOptions;
  /** The user, if `token` does not identify one. */
  readonly user?: string | undefined;
  readonly progress: {
    /** This client's position in the room's durable events. */
    readonly position: string | undefined;
    /** The previous page's position. */
    earlier: string | undefined;
  };
  readonly calls: {
    /** The unanswered calls, in the order in which they were made. */
    readonly unanswered: Iterable<UnansweredCall>;
    /** Whether the room has listed the calls that happen once. */
    readonly isGreeted: boolean;
    start(
      name: string,
      input: unknown,
      options: { timeoutMs: number },
      known: ResumedBy,
    ): Promise<unknown>;
  };
}

/** Saves a client across a reload. */
export interface PageMemory {
  /** The id and key, if the app or the previous page has set them. */
  readonly identity: Partial<Identity>;
  /** The calls of the previous page that this page resumes. */
  readonly resumed: readonly { call: string; input: unknown; answer: Promise<unknown> }[];
  /** Makes sure that no other page uses this client's id. Called before every attempt. */
  claim(identity: Identity): Promise<Identity>;
  /** Called when the state to save has changed. */
  changed(): void;
  /** Saves the state now. */
  write(): void;
  /** Called when the room is closed. Another page may then resume this client. */
  release(): void;
}

/** Resumes the previous page's client: `session()`. Returns undefined if nothing can be stored. */
export type Resume = (client: ResumableClient) => PageMemory | undefined;

/** The room to which `PartySocket.fetch` sends its request. */
export interface PartyFetchOptions extends RoomLocation {
  /** The URL's query. Default: none. */
  query?: Query | (() => Query | Promise<Query>) | undefined;
  /** `http` or `https`. Default: derived from `host`. */
  protocol?: "http" | "https" | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch | undefined;
}
