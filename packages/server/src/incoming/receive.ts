import {
  type ClientFrame,
  decodeClientFrame,
  encodeServerFrame,
  type Message,
  PartyError,
  PING,
  PONG,
  splitFrames,
  toWireError,
} from "@partyflare/shared";
import type { RoomConnection } from "../connections/room-connection";
import type { Limits } from "../options";
import { type Dispatch, dispatch, turnAway } from "./dispatch";
import { guard } from "./guard";
import { rateLimited, type RateLimits } from "./rate-limit";

/** What messages pass on their way in. */
export interface Reception extends Dispatch {
  readonly limits: Limits;
  /** What each client has sent lately. */
  readonly rates: RateLimits;
}

/**
 * One message of a connection, after those before it: gates, then decoding, then dispatch.
 *
 * @returns a promise while anything is still to be done, which never rejects.
 */
export function receive(
  room: Reception,
  connection: RoomConnection,
  message: Message,
): void | Promise<void> {
  if (connection.expire()) return;
  const nowMs = Date.now();
  connection.seenAtMs = nowMs;
  // The platform does the same for a room that sleeps.
  if (message === PING) {
    connection.pingedAtMs = nowMs;
    return connection.transmit(PONG);
  }
  const bytes = byteLength(message, room.limits.messageBytes);
  if (bytes > room.limits.messageBytes) return end(connection, new PartyError("too_large"));

  const isFrames = connection.isFramed && typeof message === "string";
  const texts = isFrames ? splitFrames(message) : [];
  const refusal = room.rates.take(connection, texts.length || 1, bytes, nowMs);
  if (refusal?.isOverdrawn || !connection.inbox.admits(bytes)) {
    return end(connection, rateLimited(refusal));
  }
  const frames = texts.map((text) => decode(room, connection, text));
  if (refusal) {
    for (const frame of frames) turnAway(connection, frame, rateLimited(refusal));
    return;
  }
  if (isFrames) return connection.inbox.push(() => dispatchAll(room, connection, frames), bytes);
  return connection.inbox.push(
    () =>
      guard(room.party, { connection, during: "onMessage" }, () =>
        room.party.onMessage(connection, message),
      ),
    bytes,
  );
}

/** The bytes of a message. Text is only counted to the byte where it is near the limit. */
function byteLength(message: Message, limit: number): number {
  if (typeof message !== "string") return message.byteLength;
  // UTF-8 takes one to three bytes for each of JavaScript's characters.
  const isNear = message.length <= limit && message.length * 3 > limit;
  return isNear ? new TextEncoder().encode(message).length : message.length;
}

/** What ends a connection is told it first, where it speaks frames. */
function end(connection: RoomConnection, error: PartyError): void {
  if (connection.isFramed) {
    connection.transmit(encodeServerFrame({ kind: "error", error: toWireError(error) }));
  }
  connection.close(error.closeCode, error.code, { retryAfterMs: error.retryAfterMs });
}

/** At arrival and not in its turn: so a call's id is known to be taken while the call waits. */
function decode(
  { limits }: Reception,
  connection: RoomConnection,
  text: string,
): ClientFrame | PartyError {
  try {
    const frame = decodeClientFrame(text, limits.jsonDepth);
    if (frame.kind === "call") {
      if (connection.calls.has(frame.id)) {
        return new PartyError("bad_frame", { message: "A call with this id is not answered yet." });
      }
      connection.calls.add(frame.id);
    }
    return frame;
  } catch (error) {
    return error instanceof PartyError ? error : new PartyError("bad_frame");
  }
}

/** One after the other: a frame waits for the handler of the one before it. */
function dispatchAll(
  room: Reception,
  connection: RoomConnection,
  frames: readonly (ClientFrame | PartyError)[],
  start = 0,
): void | Promise<void> {
  for (let next = start; next < frames.length; next += 1) {
    const frame = frames[next];
    const handled = frame && dispatch(room, connection, frame);
    if (handled) return handled.then(() => dispatchAll(room, connection, frames, next + 1));
  }
}
