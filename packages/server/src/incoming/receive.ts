import type { Message, PartyError } from "@partyflare/shared";
import {
  countFrames,
  encodeServerFrame,
  framesOf,
  MAX_FRAMES,
  mistake,
  PING,
  PONG,
  toWireError,
  utf8Length,
} from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import type { Limits } from "../options";
import { settle, type Steps } from "../settle";
import { answerFrame, type Dispatch, refusalOf } from "./dispatch";
import { errorBoundary } from "./error-boundary";
import { rateLimited, type RateLimits } from "./rate-limit";

/** What messages pass on their way in. */
export interface Reception extends Dispatch {
  readonly limits: Limits;
  /** What each client has sent lately. */
  readonly rates: RateLimits;
}

/**
 * One message of a connection: it passes the gates now, and is handled after those before it.
 * Nothing of it is decoded before.
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
  const bytes = byteLength(message, room.limits.messageBytes);
  if (bytes > room.limits.messageBytes) return end(connection, mistake("too_large"));
  const text = connection.isFramed && typeof message === "string" ? message : undefined;
  const frames = text === undefined ? 1 : countFrames(text, MAX_FRAMES);
  if (frames > MAX_FRAMES) {
    const rule = `A message holds at most ${MAX_FRAMES} frames.`;
    return end(connection, mistake("too_large", { message: rule }));
  }
  const refusal = room.rates.take(connection, frames, countedBytes(room, message, bytes), nowMs);
  if (refusal?.isOverdrawn) return end(connection, rateLimited(refusal));
  // The platform does the same for a room that sleeps.
  if (message === PING) {
    connection.pingedAtMs = nowMs;
    return connection.transmit(PONG);
  }
  if (refusal) return turnAway(connection, text, rateLimited(refusal));
  const { queue } = connection;
  const held = queue.isBusy ? heldBytes(message) : 0;
  if (queue.isBusy && !queue.admits(held)) return end(connection, rateLimited(null));
  return queue.push(() => handle(room, connection, message, text), held);
}

/** Hands a message to the party, or its frames to their handlers. */
function handle(
  room: Reception,
  connection: RoomConnection,
  message: Message,
  text: string | undefined,
): void | Promise<void> {
  // What a connection sent before the room closed it is not handled any more.
  if (connection.isOver) return;
  if (text !== undefined) {
    const isOne = !text.includes("\n");
    return settle((isOne ? answerFrame : answerAll)(room, connection, text));
  }
  return errorBoundary(room.party, { connection, during: "onMessage" }, () =>
    room.party.onMessage(connection, message),
  );
}

/** One after the other: a frame is decoded when the handler of the one before it has ended. */
function* answerAll(room: Reception, connection: RoomConnection, text: string): Steps<void> {
  for (const frame of framesOf(text)) {
    if (connection.isOver) return;
    yield* answerFrame(room, connection, frame);
  }
}

/** The bytes of a message. Text is only counted to the byte where it is near the limit. */
function byteLength(message: Message, limit: number): number {
  if (typeof message !== "string") return message.byteLength;
  // UTF-8 takes one to three bytes for each of JavaScript's characters.
  const isNear = message.length <= limit && message.length * 3 > limit;
  return isNear ? utf8Length(message) : message.length;
}

/** Bytes for the rate: exact where the room has one, since a character may take three. */
function countedBytes({ limits }: Reception, message: Message, bytes: number): number {
  if (typeof message !== "string" || limits.bytesPerSecond === Infinity) return bytes;
  return utf8Length(message);
}

/** What a message takes in memory while it waits: V8 keeps text in one byte or two a character. */
function heldBytes(message: Message): number {
  if (typeof message !== "string") return message.byteLength;
  return BEYOND_LATIN_1.test(message) ? message.length * 2 : message.length;
}

const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Ends a connection, which is told the reason first where it speaks frames. */
function end(connection: RoomConnection, error: PartyError): void {
  if (connection.isFramed) {
    connection.transmit(encodeServerFrame({ kind: "error", error: toWireError(error) }));
  }
  connection.close(error.closeCode, error.code, { retryAfterMs: error.retryAfterMs });
}

/** Refuses each frame of a message, in one message. A raw connection is told nothing. */
function turnAway(connection: RoomConnection, text: string | undefined, error: PartyError): void {
  if (text === undefined) return;
  const refusals = Array.from(framesOf(text), (frame) => refusalOf(frame, error));
  connection.transmit(refusals.join("\n"));
}
