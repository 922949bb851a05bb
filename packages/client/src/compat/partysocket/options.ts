import type { PlatformBlob } from "../../connection/attempt";
import type { CloseEvent } from "./events";

/** A message that `send` takes. */
export type Message = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | PlatformBlob;

/** The URL to connect to, or a function that is called before each attempt. */
export type UrlProvider = string | (() => string) | (() => Promise<string>);

/** The subprotocols to offer, or a function that is called before each attempt. */
export type ProtocolsProvider =
  | null
  | string
  | string[]
  | (() => string | string[] | null)
  | (() => Promise<string | string[] | null>);

/** Options of a `ReconnectingWebSocket`, with partysocket's names and defaults. */
export interface Options {
  /** The WebSocket class. Required if there is no global one, as in Node 20. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as partysocket types it: any class fits
  WebSocket?: any;
  /** The longest wait before an attempt, in ms. Default: 10,000. */
  maxReconnectionDelay?: number | undefined;
  /** The longest wait after the first failure, in ms. Default: 3,000. */
  minReconnectionDelay?: number | undefined;
  /** The growth of the longest wait with each failure. Default: 1.3. */
  reconnectionDelayGrowFactor?: number | undefined;
  /** How long a connection must be open before the wait is reset, in ms. Default: 5,000. */
  minUptime?: number | undefined;
  /** The timeout of an attempt, in ms. It begins when the socket is made. Default: 4,000. */
  connectionTimeout?: number | undefined;
  /** The most retries after a failed attempt. Default: no limit. */
  maxRetries?: number | undefined;
  /** The most messages in the queue. Others are dropped silently. Default: no limit. */
  maxEnqueuedMessages?: number | undefined;
  /** Whether to stay closed until `reconnect()` is called. Default: false. */
  startClosed?: boolean | undefined;
  /**
   * Called after a connection has ended or an attempt has failed, with every close code. The close
   * is final if it returns false. Default: the socket reconnects after every close code, except
   * when a partyflare room reports that another connection has taken over this id.
   */
  shouldReconnectOnClose?: ((event: CloseEvent) => boolean) | undefined;
  /** Whether to log what happens. Default: false. */
  debug?: boolean | undefined;
  /** Replaces `console.log` for `debug`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as partysocket types it
  debugLogger?: ((...details: any[]) => void) | undefined;
}

/** Parameters of a URL's query. `null` and `undefined` are left out. */
export type Params = Record<string, string | null | undefined>;

/** The address of a room, with partysocket's names. */
interface RoomOptions {
  /** The Worker's host, with its port. A scheme in front is ignored, as is a slash at the end. */
  host: string;
  /** The room's name. It is sent as it is: the room's own name is the path segment. */
  room?: string | undefined;
  /** The party's name in the URL. Default: `main`. */
  party?: string | undefined;
  /** Replaces the path up to `path`: the prefix, the party and the room. */
  basePath?: string | undefined;
  /** The leading path segments. Default: `parties`. */
  prefix?: string | undefined;
  /** The path after the room's name, without a slash in front. */
  path?: string | undefined;
  /** The URL's query, or a function that is called before each attempt. */
  query?: Params | (() => Params | Promise<Params>) | undefined;
}

/** Options of a `PartySocket`, with partysocket's names and defaults. */
export interface PartySocketOptions extends Options, RoomOptions {
  /** This connection's id in the room. The URL carries it as `_pk`. Default: a random UUID. */
  id?: string | undefined;
  /** Default: `ws` for this machine and private IPv4 addresses, otherwise `wss`. */
  protocol?: "ws" | "wss" | undefined;
  /** The subprotocols to offer. Default: none. */
  protocols?: ProtocolsProvider | undefined;
  /** Turns the warning about a slash in `party` or `room` off. Default: false. */
  disableNameValidation?: boolean | undefined;
}

/** The room to which `PartySocket.fetch` sends its request. */
export interface PartyFetchOptions extends RoomOptions {
  room: string;
  /** Default: `http` for this machine and private IPv4 addresses, otherwise `https`. */
  protocol?: "http" | "https" | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch | undefined;
}
