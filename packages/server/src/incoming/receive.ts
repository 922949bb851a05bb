import type { Message, PartyError } from "@partyflare/shared";
import {
  countFrames,
  encodeServerFrame,
  framesOf,
  MAX_BATCH_LENGTH,
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
import { rateLimited, type RateLimits, type Refusal } from "./rate-limit";

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
  const text = connection.isFramed && typeof message === "string" ? message : undefined;
  const refused = refuseSize(room.limits, message, text);
  if (refused) return end(connection, refused);
  if (room.rates.areCounted && text?.includes("\n")) {
    return receiveJoined(room, connection, text, nowMs);
  }
  const refusal = room.rates.take(connection, 1, countedBytes(room, message), nowMs);
  if (refusal?.isOverdrawn) return end(connection, rateLimited(refusal));
  // The platform does the same for a room that sleeps.
  if (message === PING) {
    connection.pingedAtMs = nowMs;
    return connection.transmit(PONG);
  }
  if (refusal) return turnAway(connection, text, rateLimited(refusal));
  return enqueue(room, connection, message, text);
}

/**
 * Frames that a client has joined pass the rate one by one: what one task has sent together is worth
 * no less than the same in messages of their own. The first that is refused is followed by no other
 * that passes.
 */
function receiveJoined(
  room: Reception,
  connection: RoomConnection,
  text: string,
  nowMs: number,
): void | Promise<void> {
  let refusal: Refusal | null = null;
  let passing = 0;
  for (const frame of framesOf(text)) {
    refusal = room.rates.take(connection, 1, countedBytes(room, frame), nowMs);
    if (!refusal) passing += frame.length + 1;
  }
  const passed = text.slice(0, Math.max(0, passing - 1));
  const done = passing > 0 ? enqueue(room, connection, passed, passed) : undefined;
  if (refusal?.isOverdrawn) end(connection, rateLimited(refusal));
  else if (refusal) turnAway(connection, text.slice(passing), rateLimited(refusal));
  return done;
}

/** Handles a message that has passed, after those before it. */
function enqueue(
  room: Reception,
  connection: RoomConnection,
  message: Message,
  text: string | undefined,
): void | Promise<void> {
  const { queue } = connection;
  const held = queue.isBusy ? heldBytes(message) : 0;
  if (queue.isBusy && !queue.admits(held)) return end(connection, rateLimited(null));
  return queue.push(() => handle(room, connection, message, text), held);
}

/**
 * Why a message may not pass, if it is too large. What a client joins may be larger than one of its
 * frames may be: it does not know the limit, and has not asked for them to be joined.
 */
function refuseSize(
  { messageBytes }: Limits,
  message: Message,
  text: string | undefined,
): PartyError | undefined {
  const most = text === undefined ? messageBytes : Math.max(messageBytes, MAX_BATCH_LENGTH);
  if (isLonger(message, most)) return mistake("too_large");
  if (text === undefined) return undefined;
  if (countFrames(text, MAX_FRAMES) > MAX_FRAMES) {
    return mistake("too_large", { message: `A message holds at most ${MAX_FRAMES} frames.` });
  }
  if (!isLonger(text, messageBytes)) return undefined;
  for (const frame of framesOf(text)) {
    if (isLonger(frame, messageBytes)) return mistake("too_large");
  }
  return undefined;
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

/** Text is only counted to the byte where it is near the limit. */
function isLonger(message: Message, bytes: number): boolean {
  if (typeof message !== "string") return message.byteLength > bytes;
  // UTF-8 takes one to three bytes for each of JavaScript's characters.
  if (message.length > bytes || message.length * 3 <= bytes) return message.length > bytes;
  return utf8Length(message) > bytes;
}

/** Bytes for the rate: exact where the room has one, since a character may take three. */
function countedBytes({ limits }: Reception, message: Message): number {
  if (typeof message !== "string") return message.byteLength;
  return limits.bytesPerSecond === Infinity ? message.length : utf8Length(message);
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
