import { type AnyErrorCode, PartyError, type PartyErrorOptions } from "@partyflare/shared";
import { CLOSE_CODES } from "@partyflare/shared/internal";

/** The client is connecting to the room. */
export interface Connecting {
  readonly state: "connecting";
  /**
   * The number of failed attempts and short-lived connections in a row before this attempt: 0 for
   * the first one.
   */
  readonly attempt: number;
}

/** The room has sent `$hello`. Messages are sent at once, and the queue has been flushed. */
export interface Open {
  readonly state: "open";
  /** The connection's id in the room. */
  readonly id: string;
}

/** There is no connection, and the client waits to retry. */
export interface Waiting {
  readonly state: "waiting";
  /** The number of failed attempts and short-lived connections in a row: 1 or more. */
  readonly attempt: number;
  /** The time of the next attempt, in ms since 1970, as `Date.now()` counts. */
  readonly retryAtMs: number;
  /** The error of the latest attempt or connection. */
  readonly error: LossError;
}

/** There is no connection, and the client makes none until `room.reconnect()` is called. */
export interface Closed {
  readonly state: "closed";
  /**
   * The error of a final close; undefined after `room.close()`, or if the room closed with 1000.
   */
  readonly error?: LossError | undefined;
}

/**
 * The error of a lost connection or a failed attempt.
 *
 * If the room closed the connection, `code` is the library's or the app's own, and `data` has the
 * close code and reason. The code is `disconnected` for an unknown close code.
 *
 * The code is `disconnected` for a lost network too, with the platform's report as its `cause`. It
 * is `timeout` if an attempt, the room's first frame, a pong or an option's function took too long.
 * If an option's function failed, the code is `disconnected`. The message names the option, and
 * `cause` is the thrown value.
 */
export type LossError = PartyError<AnyErrorCode, CloseDetail>;

/** The close code and reason that a room closed a connection with. */
export interface CloseDetail {
  /** The WebSocket close code. */
  readonly closeCode: number;
  /** The close reason; often empty. */
  readonly reason: string;
}

/** The status of a room's connection. Compare `state` to narrow its type. */
export type RoomStatus = Connecting | Open | Waiting | Closed;

/** The status before the first attempt. */
export const FIRST_STATUS: RoomStatus = { state: "connecting", attempt: 0 };

/** RFC 6455 §7.4.1: the connection has fulfilled its purpose. */
const NORMAL_CLOSURE = 1000;

/** Returns the error of a final close; undefined for code 1000. */
export function closeError(closeCode: number, reason: string): LossError | undefined {
  return closeCode === NORMAL_CLOSURE ? undefined : lossError(closeCode, reason);
}

/**
 * Returns the error of a close.
 *
 * @param more `retryAfterMs` is the wait that the room asks for, and `cause` the platform's report.
 */
export function lossError(
  closeCode: number,
  reason: string,
  more?: Pick<PartyErrorOptions, "cause" | "retryAfterMs">,
): LossError {
  const data = { closeCode, reason };
  // The library and the app's `PartyError`s use their code as the close reason.
  const named: LossError = new PartyError(reason, { ...more, data });
  if (reason !== "" && named.closeCode === closeCode) return named;
  const [code = "disconnected"] =
    Object.entries(CLOSE_CODES).find((entry) => entry[1] === closeCode) ?? [];
  return new PartyError(code, {
    ...more,
    message: reason || undefined,
    data,
  });
}

/**
 * Returns the error of an attempt that failed because the app or the platform threw.
 *
 * @param where a prefix for the message. Default: none.
 */
export function failureError(cause: unknown, where = ""): LossError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new PartyError("disconnected", { message: where + what || undefined, cause });
}

/** Returns the error of a timeout. */
export function silenceError(message: string): LossError {
  return new PartyError("timeout", { message });
}
