import type {
  Contract,
  DataArguments,
  SendableMessage,
  ServerEvent,
  ServerEventName,
} from "@partyflare/shared";
import type { Immutable } from "./immutable";

/**
 * One client's WebSocket in a room. Its id, tags and state survive hibernation.
 *
 * @typeParam State what `setState` was given; `unknown` where a room does not say.
 * @typeParam Tag the tags it may carry.
 * @typeParam C the contract whose events it is sent: `ConnectionOf<C>` fills in all three.
 */
export interface Connection<
  State = unknown,
  Tag extends string = string,
  C extends Contract = NoEvents,
> {
  /** The name by which the client connected, or a random one. 1 to 128 visible ASCII characters. */
  readonly id: string;

  /**
   * The client behind the connection, as a text to show and to store: with a key 22 characters that
   * nobody else can have, without one `id:` and the id. See `emit(…, { clients })`.
   */
  readonly client: string;

  /** What it is found by: see `getConnections(tags)`. */
  readonly tags: readonly Tag[];

  /** What `authorize` returned or `setState` was given last; null before. A copy, read-only. */
  readonly state: Immutable<State> | null;

  /** 0 connecting, 1 open, 2 closing, 3 closed, as a WebSocket has it. */
  readonly readyState: number;

  /** The platform's own WebSocket. To send and close, use the methods here: they never throw. */
  readonly socket: WebSocket;

  /**
   * Replaces the state. It is stored as a copy.
   *
   * @param next the new state, or a function from the one before (null when there is none).
   * @throws RangeError when id, tags, state and key exceed 16,384 bytes together, serialized;
   *   TypeError when it cannot be cloned. The state before stays in place then.
   */
  setState(next: State | ((previous: Immutable<State> | null) => State)): void;

  /**
   * Replaces the tags.
   *
   * @param tags at most 10, each of 1 to 256 characters.
   * @throws TypeError or RangeError when they are not; the tags before stay in place then.
   */
  setTags(tags: readonly Tag[]): void;

  /**
   * Sets the time after which the room takes nothing from the connection and sends nothing to it.
   * At its next use after that time, the room closes it with 4401, and its client reconnects with a
   * fresh token or not at all. No timer runs.
   *
   * In a hibernating room the platform still answers pings, and a ping is not a use: a client that
   * only pings stays connected and listed. To close it on time, set the room's alarm.
   *
   * @param atMs milliseconds since 1970, as `Date.now()` counts them; a JWT's `exp` is in seconds.
   *   Infinity for never, which is the default.
   * @throws RangeError if it is not a number.
   */
  expireAt(atMs: number): void;

  /** Sends text or bytes. Once the connection is closing or closed, it does nothing. */
  send(message: SendableMessage): void;

  /**
   * Sends an event of the contract to this connection alone. A durable event goes to its client: to
   * all connections of the client, now and when it returns.
   *
   * @throws TypeError for data that JSON cannot hold.
   */
  emit<Name extends ServerEventName<C>>(event: Name, data: ServerEvent<C, Name>): void;
  emit<Name extends ServerEventName<C>>(
    event: Name,
    ...data: DataArguments<ServerEvent<C, Name>>
  ): void;

  /**
   * Closes the connection: it leaves the room at once, and its `onClose` runs with this code.
   *
   * @param code default 1000. 1005 sends none; one that may not be sent becomes 1011.
   * @param reason default empty; cut to 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string, options?: CloseOptions): void;
}

/** A contract without events. */
export type NoEvents = { readonly fromServer?: {} };

/** What a client that speaks frames is told besides the code. */
export interface CloseOptions {
  /** Whether it comes back by itself. Default: what the code says, which is no for an app's own. */
  retry?: boolean;
  /** Milliseconds after which it comes back. */
  retryAfterMs?: number;
}

/** How a connection ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** Whether both sides said goodbye, or will. */
  readonly wasClean: boolean;
}
