import type { PartyCloseEvent } from "./events";
import type { Provider } from "./provider";
import type { Query, RoomLocation } from "./room-url";

/** A WebSocket class: the platform's, or that of the npm package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => object;

/** What a `PartySocket` is made of. Only `party` and `room` are required. */
export interface PartySocketOptions extends RoomLocation {
  /**
   * By which the room knows this connection: 1 to 128 visible ASCII characters. It travels in the
   * URL, as `_pk`, and is no secret. Default: a random one, the same for this socket's lifetime.
   */
  id?: string;
  /**
   * Proves that `id` is this client's: base64url of 16 random bytes, as `randomKey()` makes it.
   * Who passes an `id` of their own that outlives the page keeps its key with it. Never in the
   * URL. Default: a random one.
   */
  key?: string;
  /** The app's token, for the room's `authorize`. Never in the URL. Default: none. */
  token?: Provider<string | null | undefined>;
  /** The URL's query. Default: nothing but `_pk`. */
  query?: Provider<Query | null | undefined>;
  /** `ws` or `wss`. Default: `ws` on this machine and in private networks, else `wss`. */
  protocol?: "ws" | "wss";
  /** Subprotocols of your own, offered after ours. Default: none. */
  protocols?: Provider<string | readonly string[] | null | undefined>;
  /** The WebSocket class. Required where there is no global one, as in Node 20. */
  WebSocket?: WebSocketClass;

  /** Longest wait before the first attempt after a failure, in ms. Default: 1,000. */
  minReconnectionDelay?: number;
  /** Longest wait of all, in ms. Default: 30,000. */
  maxReconnectionDelay?: number;
  /** By how much the longest wait grows with each attempt. Default: 2. */
  reconnectionDelayGrowFactor?: number;
  /** How long a connection is open before the waits start afresh, in ms. Default: 5,000. */
  minUptime?: number;
  /**
   * How long an attempt may take, in ms, and how long `query`, `token` and `protocols` may take
   * to answer before it. Default: 4,000.
   */
  connectionTimeout?: number;
  /** How many attempts may follow a failed one. Default: no bound. */
  maxRetries?: number;
  /** How many messages are held while there is no connection; more are dropped. Default: no bound. */
  maxEnqueuedMessages?: number;
  /** Whether to wait for `reconnect()` before connecting at all. Default: false. */
  startClosed?: boolean;
  /**
   * Asked when a connection has ended, or an attempt failed, that would be followed by another:
   * false makes it final. Close codes that are final in any case are not asked about.
   */
  shouldReconnectOnClose?: (event: PartyCloseEvent) => boolean;
  /** Whether to log what the socket does. Keys and tokens are left out. Default: false. */
  debug?: boolean;
  /** Where it is logged. Default: `console.log`. */
  debugLogger?: (...details: unknown[]) => void;
}

/** What only a raw socket has. */
type RawOptions =
  | "maxEnqueuedMessages"
  | "maxRetries"
  | "protocols"
  | "shouldReconnectOnClose"
  | "startClosed";

/** Where a room is, who connects, and how patiently. Only `party` and `room` are required. */
export interface ConnectOptions extends Omit<PartySocketOptions, RawOptions> {
  /** How many frames are held while there is no connection. More are dropped. Default: 1,000. */
  maxHeldFrames?: number;
  /** How many bytes they may have together, as UTF-8. Default: 1,048,576. */
  maxHeldBytes?: number;
}

/** Where `PartySocket.fetch` sends its request. */
export interface PartyFetchOptions extends RoomLocation {
  /** The URL's query. Default: none. */
  query?: Query | (() => Query | Promise<Query>);
  /** `http` or `https`. Default: `http` on this machine and in private networks, else `https`. */
  protocol?: "http" | "https";
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch;
}
