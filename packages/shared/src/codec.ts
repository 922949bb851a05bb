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
  if (!frame) throw badFrame();
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
  const frame = parse(text);
  if (!frame) throw new PartyError("bad_frame");
  const [name, first, second, third] = frame;
  if (!name.startsWith("$")) return eventOf(name, first, second, third);
  switch (name) {
    case "$text":
      return { kind: "text", text: like<string>(first, "") };
    case "$hello":
      return { ...like<Omit<Hello, "kind">>(first, HELLO), kind: "hello" };
    case "$history":
      return { kind: "history", history: like<WireHistory>(first, HISTORY) };
    case "$once":
      return { kind: "once", once: like<WireOnce>(first, ONCE) };
    case "$reply":
      return { kind: "reply", id: like<number>(first, 0), output: second };
    case "$fail":
      return { kind: "fail", id: like<number>(first, 0), error: like<WireError>(second, ERROR) };
    case "$error": {
      const { event, ...error } = like<WireError & { event?: string }>(first, ERROR);
      return { kind: "error", error, event };
    }
    case "$close":
      return { kind: "close", close: like<WireClose>(first, CLOSE) };
    case "$pong":
      return { kind: "pong" };
    default:
      return null;
  }
}

function eventOf(name: string, data: unknown, offset: unknown, tag: unknown): ServerFrame {
  if (offset === undefined) return { kind: "event", name, data };
  if (!isCount(offset)) throw new PartyError("bad_frame");
  return { kind: "event", name, data, offset, tag: like<string>(tag, "") };
}

type Hello = Extract<ServerFrame, { kind: "hello" }>;

/** A value like those to come. A property may be missing where its name ends with `?`. */
type Example<Value> = Value extends object
  ? Readonly<Record<RequiredNames<Value> | `${string}?`, unknown>>
  : Value;

type RequiredNames<Value> = {
  [Name in keyof Value & string]: object extends Pick<Value, Name> ? never : Name;
}[keyof Value & string];

const HISTORY: Example<WireHistory> = { epoch: "", offset: 0, tag: "", "recovered?": true };
const ONCE: Example<WireOnce> = { calls: [], since: "" };
const HELLO: Example<Omit<Hello, "kind">> = {
  id: "",
  room: "",
  "history?": HISTORY,
  "once?": ONCE,
};
const ERROR: Example<WireError> = {
  code: "",
  message: "",
  "issues?": [],
  "retryAfterMs?": 0,
  "event?": "",
};
const CLOSE: Example<WireClose> = { code: 0, reason: "", retry: true, "retryAfterMs?": 0 };

/** A value that is like an example. Throws a PartyError `bad_frame` where it is not. */
function like<Value>(value: unknown, example: Example<Value>): Value {
  if (!isLike(value, example)) throw new PartyError("bad_frame");
  return value as Value;
}

/** Whether a value is of the type of an example, with properties like those of the example. */
function isLike(value: unknown, example: unknown): boolean {
  if (typeof value !== typeof example || Array.isArray(value) !== Array.isArray(example)) {
    return false;
  }
  if (typeof example !== "object") return true;
  return Object.entries(example ?? {}).every(([key, part]) => {
    const name = key.replace("?", "");
    const property = (value as Partial<Record<string, unknown>> | null)?.[name];
    // JSON has null for a number that is none.
    const isLeftOut = property === undefined || property === null;
    return (isLeftOut && name !== key) || isLike(property, part);
  });
}

/** What of an error crosses the wire. */
export function toWireError({ code, message, data, issues, retryAfterMs }: PartyError): WireError {
  return { code, message, data, issues, retryAfterMs };
}

/** The error that crossed the wire. */
export function fromWireError({ code, retryAfterMs, ...options }: WireError): PartyError {
  return new PartyError(code, { ...options, retryAfterMs: retryAfterMs ?? undefined });
}

/** JSON has no undefined: what is undefined at the end is left out, and elsewhere null. */
function encode(...frame: [name: string, ...rest: unknown[]]): string {
  return JSON.stringify(frame.at(-1) === undefined ? frame.slice(0, -1) : frame);
}

/** The JSON of a frame; undefined where the text is none. */
function parse(text: string): [name: string, ...rest: unknown[]] | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(frame) || typeof frame[0] !== "string") return undefined;
  return isSafe(frame, MAX_JSON_DEPTH) ? (frame as [string, ...unknown[]]) : undefined;
}

/** An own `__proto__` would become the prototype of whatever it is copied into. */
function isSafe(value: unknown, depthLeft: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isSafe(item, depthLeft - 1));
  // `Object.entries` made this as slow as the parse: 42 % of a 1 kB frame's time in `bench client-decode`.
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return false;
    if (!isSafe((value as Record<string, unknown>)[key], depthLeft - 1)) return false;
  }
  return true;
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

function textOf(text: unknown): string {
  if (typeof text !== "string") throw badFrame();
  return text;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw badFrame();
  return value as Record<string, unknown>;
}

/** A client's mistake. */
function badFrame(message?: string): PartyError {
  return mistake("bad_frame", { message });
}
