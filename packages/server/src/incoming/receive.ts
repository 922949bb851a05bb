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
import type { Dialect } from "../dialect";
import { answerFrame, type Dispatch, refusalOf } from "./dispatch";
import { errorBoundary } from "./error-boundary";
import { rateLimited, type RateLimits, type Refusal } from "./rate-limit";

/** The parts of a room that an incoming message passes. */
export interface Reception extends Dispatch {
  readonly limits: Limits;
  /** The rate limits of the room's clients. */
  readonly rates: RateLimits;
  readonly dialect: Dialect | undefined;
}

/**
 * Receives one message of a connection. It checks the limits now, before decoding, and handles the
 * message after earlier ones.
 *
 * @returns a promise if work remains. It never rejects.
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
  // The platform does the same for a hibernating room.
  if (message === PING) {
    connection.pingedAtMs = nowMs;
    return connection.transmit(PONG);
  }
  if (refusal) return turnAway(connection, text, rateLimited(refusal));
  return enqueue(room, connection, message, text);
}

/**
 * Counts the frames of a joined message one by one, so that batching does not change a client's
 * rate. After the first refused frame, the others are refused too.
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

/** Queues an accepted message behind earlier ones. */
function enqueue(
  room: Reception,
  connection: RoomConnection,
  message: Message,
  text: string | undefined,
): void | Promise<void> {
  if (room.dialect?.isSerial === false) return handle(room, connection, message, text);
  const { queue } = connection;
  const held = queue.isBusy ? heldBytes(message) : 0;
  if (queue.isBusy && !queue.admits(held)) return end(connection, rateLimited(null));
  return queue.push(() => handle(room, connection, message, text), held);
}

/**
 * Returns the error of a message that is too large. A joined message may exceed the limit of its
 * frames: the client does not know the limit, and its frames were joined by the library.
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

/** Passes a message to the party, or its frames to their handlers. */
function handle(
  room: Reception,
  connection: RoomConnection,
  message: Message,
  text: string | undefined,
): void | Promise<void> {
  // The room ignores messages from before it closed the connection.
  if (connection.isOver) return;
  if (text !== undefined) {
    const isOne = !text.includes("\n");
    return settle((isOne ? answerFrame : answerAll)(room, connection, text));
  }
  return errorBoundary(room.party, { connection, during: "onMessage" }, () =>
    room.party.onMessage(connection, message),
  );
}

/** Answers one frame after the other. Each is decoded after the previous handler has ended. */
function* answerAll(room: Reception, connection: RoomConnection, text: string): Steps<void> {
  for (const frame of framesOf(text)) {
    if (connection.isOver) return;
    yield* answerFrame(room, connection, frame);
  }
}

/** Counts a text's bytes only if its length is near the limit. */
function isLonger(message: Message, bytes: number): boolean {
  if (typeof message !== "string") return message.byteLength > bytes;
  // UTF-8 takes one to three bytes for each UTF-16 unit.
  if (message.length > bytes || message.length * 3 <= bytes) return message.length > bytes;
  return utf8Length(message) > bytes;
}

/**
 * Returns the bytes for the rate limit. They are exact if the room limits bytes, since a character
 * may take three.
 */
function countedBytes({ limits }: Reception, message: Message): number {
  if (typeof message !== "string") return message.byteLength;
  return limits.bytesPerSecond === Infinity ? message.length : utf8Length(message);
}

/** Returns the memory of a queued message: V8 stores text in one or two bytes a character. */
function heldBytes(message: Message): number {
  if (typeof message !== "string") return message.byteLength;
  return BEYOND_LATIN_1.test(message) ? message.length * 2 : message.length;
}

const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Closes a connection. A client that uses frames gets the reason first. */
function end(connection: RoomConnection, error: PartyError): void {
  if (connection.isFramed) {
    connection.transmit(encodeServerFrame({ kind: "error", error: toWireError(error) }));
  }
  connection.close(error.closeCode, error.code, { retryAfterMs: error.retryAfterMs });
}

/** Refuses all frames of a message, in one message. A raw connection gets nothing. */
function turnAway(connection: RoomConnection, text: string | undefined, error: PartyError): void {
  if (text === undefined) return;
  const refusals = Array.from(framesOf(text), (frame) => refusalOf(frame, error));
  connection.transmit(refusals.join("\n"));
}
