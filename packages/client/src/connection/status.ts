import { type AnyErrorCode, PartyError, type PartyErrorOptions } from "@partyflare/shared";
import { CLOSE_CODES } from "@partyflare/shared/internal";

/** The room is being asked for a connection. */
export interface Connecting {
  readonly state: "connecting";
  /**
   * How many attempts or short-lived connections came to nothing in a row before this attempt:
   * 0 for a first one.
   */
  readonly attempt: number;
}

/** The room has said hello: what is sent arrives, and what was held has been sent. */
export interface Open {
  readonly state: "open";
  /** By which the room knows this connection. */
  readonly id: string;
}

/** There is no connection, and another attempt will be made. */
export interface Waiting {
  readonly state: "waiting";
  /** How many attempts or short-lived connections have come to nothing in a row: 1 or more. */
  readonly attempt: number;
  /** When the next attempt is due, in ms since 1970, as `Date.now()` counts. */
  readonly retryAtMs: number;
  /** Why the latest attempt or connection came to nothing. */
  readonly error: LossError;
}

/** There is no connection, and none will be attempted before `room.reconnect()` is called. */
export interface Closed {
  readonly state: "closed";
  /**
   * Why the room closed for good; undefined where `room.close()` did, or the room with 1000.
   */
  readonly error?: LossError | undefined;
}

/**
 * Why there is no connection.
 *
 * Where the room closed it, `code` is the library's or an app's own, and `data` what it closed with;
 * a close code that stands for neither is `disconnected`. A lost network is `disconnected` too, with
 * what the platform reported as its `cause`. What took too long is `timeout`: an attempt, the room's
 * first frame, the answer to a ping, the answer of an option that is a function. Such an option that
 * failed is `disconnected`; the message names it, and `cause` is what it threw.
 */
export type LossError = PartyError<AnyErrorCode, CloseDetail>;

/** What a room closes a connection with. */
export interface CloseDetail {
  /** The WebSocket close code. */
  readonly closeCode: number;
  /** The close reason; often empty. */
  readonly reason: string;
}

/** How a room's connection is. Compare `state`, and TypeScript knows the rest. */
export type RoomStatus = Connecting | Open | Waiting | Closed;

/** Before anything has been attempted. */
export const FIRST_STATUS: RoomStatus = { state: "connecting", attempt: 0 };

/** RFC 6455 §7.4.1: what the connection was for has been done. */
const NORMAL_CLOSURE = 1000;

/** The error that a final close stands for; undefined where it stands for none. */
export function closeError(closeCode: number, reason: string): LossError | undefined {
  return closeCode === NORMAL_CLOSURE ? undefined : lossError(closeCode, reason);
}

/**
 * The error that a close stands for.
 *
 * @param more `retryAfterMs` is what the room asks to wait, and `cause` what the platform reported.
 */
export function lossError(
  closeCode: number,
  reason: string,
  more?: Pick<PartyErrorOptions, "cause" | "retryAfterMs">,
): LossError {
  const data = { closeCode, reason };
  // The library and `PartyError`s of an app put their code into the reason.
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
 * The error of an attempt that failed by what the app or the platform threw.
 *
 * @param where stands before what was thrown. Default: nothing.
 */
export function failureError(cause: unknown, where = ""): LossError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new PartyError("disconnected", { message: where + what || undefined, cause });
}

/** The error of something that took too long. */
export function silenceError(message: string): LossError {
  return new PartyError("timeout", { message });
}
