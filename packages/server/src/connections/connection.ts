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
 * @typeParam State the type of the state; `unknown` if the room declares none.
 * @typeParam Tag the tags that the connection may carry.
 * @typeParam C the contract of the events that it receives. `ConnectionOf<C>` fills in all three.
 */
export interface Connection<
  State = unknown,
  Tag extends string = string,
  C extends Contract = NoEvents,
> {
  /** The id that the client connected with, or a random one. 1 to 128 visible ASCII characters. */
  readonly id: string;

  /**
   * A name for the client behind the connection; you may show it and store it. With a key it is 22
   * characters that no other client can have. Without a key it is `id:` and the id. Pass it to
   * `emit(…, { clients })`.
   */
  readonly client: string;

  /** The connection's tags. `getConnections(tags)` finds connections by them. */
  readonly tags: readonly Tag[];

  /** The last value from `authorize` or `setState`; null before the first. A read-only copy. */
  readonly state: Immutable<State> | null;

  /** The WebSocket's state: 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;

  /** The platform's WebSocket. Send and close with the methods here: they never throw. */
  readonly socket: WebSocket;

  /**
   * Replaces the state. The room stores a copy.
   *
   * @param next the new state, or a function of the previous state (null if there is none).
   * @throws RangeError if id, tags, state and key together exceed 16,384 bytes, serialized.
   *   TypeError if the state cannot be cloned. After an error, the previous state stays.
   */
  setState(next: State | ((previous: Immutable<State> | null) => State)): void;

  /**
   * Replaces the tags.
   *
   * @param tags at most 10, each of 1 to 256 characters.
   * @throws TypeError or RangeError if the tags break these limits. The previous tags stay then.
   */
  setTags(tags: readonly Tag[]): void;

  /**
   * Sets the time at which the connection expires. After it, the room accepts nothing from the
   * connection and sends nothing to it. The room closes the connection with 4401 at its next use.
   * The client then reconnects with a fresh token, or not at all. The room sets no timer.
   *
   * In a hibernating room the platform still answers pings, and a ping does not count as a use. A
   * client that only pings stays connected and listed. To close it on time, set the room's alarm.
   *
   * @param atMs milliseconds since 1970, as in `Date.now()`; a JWT's `exp` is in seconds. Default:
   *   Infinity, which is never.
   * @throws RangeError if it is not a number.
   */
  expireAt(atMs: number): void;

  /** Sends text or bytes. It does nothing if the connection is closing or closed. */
  send(message: SendableMessage): void;

  /**
   * Sends an event of the contract to this connection alone. A durable event goes to all
   * connections of the client, now and after it reconnects.
   *
   * @throws TypeError if JSON cannot hold the data.
   */
  emit<Name extends ServerEventName<C>>(event: Name, data: ServerEvent<C, Name>): void;
  emit<Name extends ServerEventName<C>>(
    event: Name,
    ...data: DataArguments<ServerEvent<C, Name>>
  ): void;

  /**
   * Closes the connection. It leaves the room at once, and `onClose` runs with this code.
   *
   * @param code default 1000. 1005 sends no code; a code that may not be sent becomes 1011.
   * @param reason default empty; cut to 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string, options?: CloseOptions): void;
}

/** A contract without events. */
export type NoEvents = { readonly fromServer?: {} };

/** Options of `close`, for clients that use frames. */
export interface CloseOptions {
  /** Whether the client reconnects by itself. Default: by the code; no for an app's own code. */
  retry?: boolean;
  /** Milliseconds before the client reconnects. */
  retryAfterMs?: number;
}

/** How a connection ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** Whether both sides sent a Close frame, or will. */
  readonly wasClean: boolean;
}
