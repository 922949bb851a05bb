import { mistake, PartyError } from "./errors";
import type {
  CallFrame,
  ClientFrame,
  Operation,
  ServerFrame,
  WireClose,
  WireError,
} from "./frames";
import { MAX_JSON_DEPTH, MAX_OPERATIONS, MAX_SINCE_LENGTH } from "./limits";

/** The heartbeat's ping, from the client: exactly this text. */
export const PING = '["$ping"]';

/** The heartbeat's pong. For a hibernating room the platform sends it. */
export const PONG = '["$pong"]';

/**
 * Encodes one frame as text, without a newline.
 *
 * @throws TypeError if JSON cannot hold the data: a BigInt or a cycle.
 */
export function encodeClientFrame(frame: ClientFrame): string {
  switch (frame.kind) {
    case "event":
      return encodeEvent(frame.name, frame.data);
    case "call":
      return encodeCall(frame);
    case "text":
      return encodeText(frame.text);
    case "with":
      return encodeSubscription(frame.name, frame.asked);
    case "capability":
      return encodeCapability(frame.name, frame.payload);
    case "ping":
      return PING;
    default:
      return frame satisfies never;
  }
}

/** Encodes a call. It throws like `encodeClientFrame`. */
export function encodeCall({ id, name, input, operation }: Omit<CallFrame, "kind">): string {
  if (!operation) return encode("$call", id, name, input);
  const { repeat, ...sent } = operation;
  return encode("$call", id, name, input, repeat ? operation : sent);
}

/** Encodes one frame as text, without a newline. It throws like `encodeClientFrame`. */
export function encodeServerFrame(frame: ServerFrame): string {
  switch (frame.kind) {
    case "event": {
      const { name, data, offset, tag = "" } = frame;
      if (offset === undefined) return encodeEvent(name, data);
      return durableFrame(encodeEvent(name, data ?? null), { offset, tag });
    }
    case "text":
      return encodeText(frame.text);
    case "hello":
      return encode("$hello", {
        id: frame.id,
        room: frame.room,
        client: frame.client,
        ...frame.parts,
      });
    case "capability":
      return encodeCapability(frame.name, frame.payload);
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

/** Encodes a frame of a capability, from either side. */
export function encodeCapability(name: string, payload: unknown): string {
  return encode(`$${name}`, payload);
}

/** Encodes a subscription to a capability on an open connection. */
export function encodeSubscription(capability: string, asked: string): string {
  return encode("$with", capability, asked);
}

/**
 * Returns the query parameter of an upgrade that subscribes to a capability. Its value is what the
 * client asks of the capability, such as a position. It is empty if the client asks for nothing
 * more. It is not secret.
 */
export function askedParameter(capability: string): string {
  return `partyflare.${capability}`;
}

/** Encodes an event, the most frequent frame of a room. */
export function encodeEvent(name: string, data: unknown): string {
  return JSON.stringify(data === undefined ? [name] : [name, data]);
}

/** Adds an event's place to its frame. The frame must carry data or null. */
export function durableFrame(frame: string, place: { offset: number; tag: string }): string {
  return `${frame.slice(0, -1)},${place.offset},"${place.tag}"]`;
}

/** Encodes raw text as a frame, so that it always parses and cannot pass for another frame. */
export function encodeText(text: string): string {
  return encode("$text", text);
}

/** Yields the frames of one text message: one, or several joined with newlines. */
export function* framesOf(message: string): Generator<string, void, undefined> {
  let start = 0;
  for (let end = message.indexOf("\n"); end >= 0; end = message.indexOf("\n", start)) {
    yield message.slice(start, end);
    start = end + 1;
  }
  yield start === 0 ? message : message.slice(start);
}

/** Counts the frames of a text message, up to `most` + 1. */
export function countFrames(message: string, most: number): number {
  let frames = 1;
  for (let end = message.indexOf("\n"); end >= 0; end = message.indexOf("\n", end + 1)) {
    frames += 1;
    if (frames > most) break;
  }
  return frames;
}

/**
 * Decodes a frame of a client.
 *
 * @throws PartyError `bad_frame`.
 */
export function decodeClientFrame(text: string): ClientFrame {
  const frame = parse(text);
  if (!frame) throw badFrame();
  // Not `...rest`: this runs for every frame, and most often before V8 has compiled it.
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
    case "$with": {
      const [, capability, asked = ""] = frame;
      return { kind: "with", name: textOf(capability), asked: textOf(asked) };
    }
    default:
      return { kind: "capability", name: name.slice(1), payload: frame[1] };
  }
}

/**
 * Decodes a frame of a room. An unknown `$` frame is one of a capability.
 *
 * @throws PartyError `bad_frame`.
 */
export function decodeServerFrame(text: string): ServerFrame {
  const frame = parse(text);
  if (!frame) throw new PartyError("bad_frame");
  const [name, first, second, third] = frame;
  if (!name.startsWith("$")) return eventOf(name, first, second, third);
  switch (name) {
    case "$text":
      return { kind: "text", text: like<string>(first, "") };
    case "$hello": {
      const { id, room, client, ...parts } = like<Greeting>(first, HELLO);
      return { kind: "hello", id, room, client, parts };
    }
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
      return { kind: "capability", name: name.slice(1), payload: first };
  }
}

function eventOf(name: string, data: unknown, offset: unknown, tag: unknown): ServerFrame {
  if (offset === undefined) return { kind: "event", name, data };
  if (!isCount(offset)) throw new PartyError("bad_frame");
  return { kind: "event", name, data, offset, tag: like<string>(tag, "") };
}

interface Greeting extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly room: string;
  readonly client?: string;
}

/** An example of a value. A property may be missing if its name ends with `?`. */
export type Example<Value> = Value extends object
  ? Readonly<Record<RequiredNames<Value> | `${string}?`, unknown>>
  : Value;

type RequiredNames<Value> = {
  [Name in keyof Value & string]: object extends Pick<Value, Name> ? never : Name;
}[keyof Value & string];

const HELLO: Example<{ id: string; room: string }> = { id: "", room: "", "client?": "" };
const ERROR: Example<WireError> = {
  code: "",
  message: "",
  "issues?": [],
  "retryAfterMs?": 0,
  "event?": "",
};
const CLOSE: Example<WireClose> = { code: 0, reason: "", retry: true, "retryAfterMs?": 0 };

/**
 * Returns a value that has the form of an example. Throws a PartyError `bad_frame` if it does not.
 */
export function like<Value>(value: unknown, example: Example<Value>): Value {
  if (!isLike(value, example)) throw new PartyError("bad_frame");
  return value as Value;
}

/** Whether a value has the type of an example, and properties like the example's. */
function isLike(value: unknown, example: unknown): boolean {
  if (typeof value !== typeof example || Array.isArray(value) !== Array.isArray(example)) {
    return false;
  }
  if (typeof example !== "object") return true;
  return Object.entries(example ?? {}).every(([key, part]) => {
    const name = key.replace("?", "");
    const property = (value as Partial<Record<string, unknown>> | null)?.[name];
    // JSON writes null for a number such as NaN.
    const isLeftOut = property === undefined || property === null;
    return (isLeftOut && name !== key) || isLike(property, part);
  });
}

/** Returns the fields of an error that are sent. */
export function toWireError({ code, message, data, issues, retryAfterMs }: PartyError): WireError {
  return { code, message, data, issues, retryAfterMs };
}

/** Returns the error that was sent. */
export function fromWireError({ code, retryAfterMs, ...options }: WireError): PartyError {
  return new PartyError(code, { ...options, retryAfterMs: retryAfterMs ?? undefined });
}

/** JSON has no undefined: at the end it is left out, and elsewhere it becomes null. */
function encode(...frame: [name: string, ...rest: unknown[]]): string {
  return JSON.stringify(frame.at(-1) === undefined ? frame.slice(0, -1) : frame);
}

/** Parses the JSON of a frame; undefined if the text is not a frame. */
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

/**
 * Whether a decoder takes a JSON value that may nest so deep. An own `__proto__` would become the
 * prototype of any object that it is copied into.
 */
export function isSafe(value: unknown, depthLeft: number): boolean {
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

/** An error for a client's mistake. */
function badFrame(message?: string): PartyError {
  return mistake("bad_frame", { message });
}
