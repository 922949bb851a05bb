import { mistake, PartyError } from "./errors";
import type {
  CallFrame,
  ClientFrame,
  Operation,
  ServerFrame,
  WireClose,
  WireError,
  WireHistory,
  WireOnce,
} from "./frames";
import { MAX_JSON_DEPTH, MAX_OPERATIONS, MAX_SINCE_LENGTH } from "./limits";

/** The client's sign of life: exactly this text. */
export const PING = '["$ping"]';

/** Its answer, which the platform gives for a room that sleeps. */
export const PONG = '["$pong"]';

/**
 * One frame as text, without a newline.
 *
 * @throws TypeError for what JSON cannot hold: a BigInt, a cycle.
 */
export function encodeClientFrame(frame: ClientFrame): string {
  switch (frame.kind) {
    case "event":
      return encodeEvent(frame.name, frame.data);
    case "call":
      return encodeCall(frame);
    case "text":
      return encodeText(frame.text);
    case "ping":
      return PING;
    default:
      return frame satisfies never;
  }
}

/** A call as text. Throws as `encodeClientFrame` does. */
export function encodeCall({ id, name, input, operation }: Omit<CallFrame, "kind">): string {
  if (!operation) return encode("$call", id, name, input);
  const { repeat, ...sent } = operation;
  return encode("$call", id, name, input, repeat ? operation : sent);
}

/** One frame as text, without a newline. Throws as `encodeClientFrame` does. */
export function encodeServerFrame(frame: ServerFrame): string {
  switch (frame.kind) {
    case "event": {
      const { name, data, offset, tag = "" } = frame;
      if (offset === undefined) return encodeEvent(name, data);
      return durableFrame(encodeEvent(name, data ?? null), { offset, tag });
    }
    case "text":
      return encodeText(frame.text);
    case "hello": {
      const { kind: _kind, ...hello } = frame;
      return encode("$hello", hello);
    }
    case "history":
      return encode("$history", frame.history);
    case "once":
      return encode("$once", frame.once);
    case "reply":
      return encode("$reply", frame.id, frame.output);
    case "fail":
      return encode("$fail", frame.id, frame.error);
    case "error":
      return encode("$error", { ...frame.error, event: frame.event });
    case "close":
      return encode("$close", frame.close);
    case "pong":
      return PONG;
    default:
      return frame satisfies never;
  }
}

/** A frame of a capability, such as the history. */
export function encodeCapability(name: string, payload: unknown): string {
  return encode(`$${name}`, payload);
}

/** An event as text: the frame that most often leaves a room. */
export function encodeEvent(name: string, data: unknown): string {
  return JSON.stringify(data === undefined ? [name] : [name, data]);
}

/** A durable event's frame: that of an event, which carries data or null, with its place. */
export function durableFrame(frame: string, place: { offset: number; tag: string }): string {
  return `${frame.slice(0, -1)},${place.offset},"${place.tag}"]`;
}

/** Raw text as a frame, so that it can neither fail to parse nor pass for another. */
export function encodeText(text: string): string {
  return encode("$text", text);
}

/** The frames of one text message: one, or several joined with newlines. */
export function* framesOf(message: string): Generator<string, void, undefined> {
  let start = 0;
  for (let end = message.indexOf("\n"); end >= 0; end = message.indexOf("\n", start)) {
    yield message.slice(start, end);
    start = end + 1;
  }
  yield start === 0 ? message : message.slice(start);
}

/** How many frames a text message holds. Counts no further than to `most` + 1. */
export function countFrames(message: string, most: number): number {
  let frames = 1;
  for (let end = message.indexOf("\n"); end >= 0; end = message.indexOf("\n", end + 1)) {
    frames += 1;
    if (frames > most) break;
  }
  return frames;
}

/**
 * Reads what a client sent.
 *
 * @throws PartyError `bad_frame`, or `unknown_frame` for a `$` frame that is not known here.
 */
export function decodeClientFrame(text: string): ClientFrame {
  const frame = parse(text);
  // Not `...rest`: this is run for every frame, and most often before it is compiled.
  const name = frame[0];
  if (!name.startsWith("$")) return { kind: "event", name, data: frame[1] };
  switch (name) {
    case "$call": {
      const [, id, call, input, operation] = frame;
      if (!isCount(id)) throw badFrame("A call's id is a whole number, 0 or more.");
      if (typeof call !== "string") throw badFrame("A call has a name.");
      if (operation === undefined) return { kind: "call", id, name: call, input };
      return { kind: "call", id, name: call, input, operation: operationOf(operation) };
    }
    case "$text":
      return { kind: "text", text: textOf(frame[1]) };
    case "$ping":
      return { kind: "ping" };
    default:
      throw mistake("unknown_frame");
  }
}

/**
 * Reads what a room sent; null for a `$` frame that is not known here: a newer room's.
 *
 * @throws PartyError `bad_frame`.
 */
export function decodeServerFrame(text: string): ServerFrame | null {
  const [name, ...rest] = parse(text);
  if (!name.startsWith("$")) return eventOf(name, rest);
  switch (name) {
    case "$text":
      return { kind: "text", text: textOf(rest[0]) };
    case "$hello": {
      const { id, room, history, once } = fields(rest[0]);
      if (typeof id !== "string" || typeof room !== "string") throw badFrame();
      return {
        kind: "hello",
        id,
        room,
        ...(history !== undefined && { history: historyOf(history) }),
        ...(once !== undefined && { once: onceOf(once) }),
      };
    }
    case "$history":
      return { kind: "history", history: historyOf(rest[0]) };
    case "$once":
      return { kind: "once", once: onceOf(rest[0]) };
    case "$reply":
      if (!isCount(rest[0])) throw badFrame();
      return { kind: "reply", id: rest[0], output: rest[1] };
    case "$fail":
      if (!isCount(rest[0])) throw badFrame();
      return { kind: "fail", id: rest[0], error: wireError(rest[1]) };
    case "$error": {
      const { event } = fields(rest[0]);
      const error = wireError(rest[0]);
      return typeof event === "string" ? { kind: "error", error, event } : { kind: "error", error };
    }
    case "$close":
      return { kind: "close", close: wireClose(rest[0]) };
    case "$pong":
      return { kind: "pong" };
    default:
      return null;
  }
}

function eventOf(name: string, [data, offset, tag]: unknown[]): ServerFrame {
  if (offset === undefined) return { kind: "event", name, data };
  if (!isCount(offset)) throw badFrame();
  if (typeof tag !== "string") throw badFrame();
  return { kind: "event", name, data, offset, tag };
}

/** What of an error crosses the wire. */
export function toWireError({ code, message, data, issues, retryAfterMs }: PartyError): WireError {
  return { code, message, data, issues, retryAfterMs };
}

/** The error that crossed the wire. */
export function fromWireError({ code, ...options }: WireError): PartyError {
  return new PartyError(code, options);
}

/** JSON has no undefined: what is undefined at the end is left out, and elsewhere null. */
function encode(...frame: [name: string, ...rest: unknown[]]): string {
  return JSON.stringify(frame.at(-1) === undefined ? frame.slice(0, -1) : frame);
}

function parse(text: string): [name: string, ...rest: unknown[]] {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw badFrame();
  }
  if (!Array.isArray(frame) || typeof frame[0] !== "string") {
    throw badFrame();
  }
  checkValue(frame, MAX_JSON_DEPTH);
  return frame as [string, ...unknown[]];
}

/** An own `__proto__` would become the prototype of whatever it is copied into. */
function checkValue(value: unknown, depthLeft: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depthLeft === 0) throw badFrame();
  if (Array.isArray(value)) {
    for (const item of value) checkValue(item, depthLeft - 1);
    return;
  }
  // `Object.entries` made this as slow as the parse: 42 % of a 1 kB frame's time in `bench client-decode`.
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw badFrame();
    checkValue((value as Record<string, unknown>)[key], depthLeft - 1);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function operationOf(value: unknown): Operation {
  const { page, number, oldest, since, repeat } = fields(value);
  if (typeof page !== "string" || !PAGE.test(page)) throw badFrame("An operation has its page.");
  if (!isCount(number) || !isCount(oldest) || oldest < 1 || oldest > number)
    throw badFrame("An operation has a number, and the oldest that is not answered.");
  if (number - oldest >= MAX_OPERATIONS)
    throw badFrame(`At most ${MAX_OPERATIONS} operations are unanswered at a time.`);
  if (typeof since !== "string" || since.length > MAX_SINCE_LENGTH)
    throw badFrame("An operation has the `since` that it was sent first with.");
  if (repeat !== undefined && typeof repeat !== "boolean")
    throw badFrame("`repeat` tells whether an operation was sent before.");
  return { page, number, oldest, since, repeat: repeat === true };
}

/** See `Operation.page`. */
const PAGE = /^[\w-]{1,32}$/;

function historyOf(value: unknown): WireHistory {
  const { epoch, offset, tag, recovered } = fields(value);
  if (typeof epoch !== "string" || !isCount(offset) || typeof tag !== "string") throw badFrame();
  return { epoch, offset, tag, ...(typeof recovered === "boolean" && { recovered }) };
}

function onceOf(value: unknown): WireOnce {
  const { calls, since } = fields(value);
  if (!Array.isArray(calls) || typeof since !== "string") throw badFrame();
  return { calls: calls.map(String), since };
}

function textOf(text: unknown): string {
  if (typeof text !== "string") throw badFrame();
  return text;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw badFrame();
  return value as Record<string, unknown>;
}

function wireError(value: unknown): WireError {
  const { code, message, data, issues, retryAfterMs } = fields(value);
  if (typeof code !== "string" || typeof message !== "string") throw badFrame();
  return {
    code,
    message,
    data,
    issues: Array.isArray(issues) ? issues : undefined,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
  };
}

function wireClose(value: unknown): WireClose {
  const { code, reason, retry, retryAfterMs } = fields(value);
  if (typeof code !== "number" || typeof reason !== "string" || typeof retry !== "boolean") {
    throw badFrame();
  }
  return { code, reason, retry, ...(typeof retryAfterMs === "number" && { retryAfterMs }) };
}

/** @param message what is wrong. Left out where a client reads it: a bundle holds no texts. */
function badFrame(message?: string): PartyError {
  return mistake("bad_frame", { message });
}
