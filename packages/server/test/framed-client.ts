import { randomKey } from "@partyflare/shared";
import type { Party } from "../src/index";
import type { TestRoom } from "./rooms";
import type { TestSocket } from "./test-socket";

/** A frame as it came. */
export type Frame = [name: string, ...rest: unknown[]];

/** A durable event without its tag. */
export type Event = [name: string, data: unknown, offset: number];

/** A place among a room's durable events. */
export interface Place {
  epoch: string;
  offset: number;
  tag?: string;
  recovered?: boolean;
}

/** What a room says first. */
export interface Hello {
  id: string;
  history: Place;
  once: { calls: string[]; since: string };
}

/** How a client joins. */
export interface JoinOptions {
  id?: string;
  /** Default: a key of its own. Null for a client without one. */
  key?: string | null;
  /** Where the client has come to. */
  at?: Place;
  /** Further parameters of the URL. */
  query?: string;
}

/** An operation of a `once` call. What is left out is filled in. */
export interface Operation {
  number?: number;
  oldest?: number;
  since?: string;
  repeat?: true;
  page?: string;
  /** The call's own id. */
  id?: number;
  name?: string;
}

/** A client that speaks frames, and keeps its place as ours does. */
export class FramedClient {
  readonly socket: TestSocket;
  readonly hello: Hello;
  readonly key: string | null;
  /** A random name of this page. */
  readonly page = crypto.randomUUID().slice(0, 8);
  /** Where it has come to. */
  place: Place;
  #waiting: Frame[] = [];
  #calls = 1_000;
  #number = 0;

  private constructor(socket: TestSocket, key: string | null, hello: Hello, rest: Frame[]) {
    this.socket = socket;
    this.key = key;
    this.hello = hello;
    this.place = hello.history;
    this.#waiting = rest;
  }

  /** Joins, and reads the hello. */
  static async join<Room extends Party>(
    room: TestRoom<Room>,
    { id = "ada", key = randomKey(), at, query = "" }: JoinOptions = {},
  ): Promise<FramedClient> {
    const position = at ? `&${positionParameter(at)}` : "";
    const protocols = ["partyflare.1", ...(key === null ? [] : [`partyflare.key.${key}`])];
    const socket = await room.connect(`?_pk=${id}${position}${query}`, protocols);
    const [first, ...rest] = framesIn(await socket.next());
    if (first?.[0] !== "$hello") throw new Error(`No hello, but ${JSON.stringify(first)}.`);
    return new FramedClient(socket, key, first[1] as Hello, rest);
  }

  /** The offset up to which it has received everything, or been told of a gap; read or not. */
  get reached(): number {
    const frames = this.socket.frames as Frame[];
    return frames.reduce<number>((offset, frame) => (placeIn(frame) ?? { offset }).offset, 0);
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    if (this.#waiting.length === 0) this.#waiting = framesIn(await this.socket.next());
    const frame = this.#waiting.shift();
    if (!frame) throw new Error("A message holds a frame.");
    const [name, told] = frame;
    if (name === "$history") this.place = told as Place;
    if (isDurable(frame)) {
      this.place = { ...this.place, offset: frame[2], tag: frame[3] as string };
    }
    return frame;
  }

  async frames(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.frame());
    return frames;
  }

  /** All frames up to one that is looked for, this one included. */
  async until(isLast: (frame: Frame) => boolean): Promise<Frame[]> {
    for (const frames: Frame[] = []; ;) {
      frames.push(await this.frame());
      const last = frames.at(-1);
      if (last && isLast(last)) return frames;
    }
  }

  /** Calls, and reads up to the answer. */
  async call(name: string, input?: unknown): Promise<{ answer: Frame; before: Frame[] }> {
    const id = (this.#calls += 1);
    await this.socket.sendFrame("$call", id, name, ...(input === undefined ? [] : [input]));
    return this.#answered(id);
  }

  /** What the room had sent to this client when it answered a call that no party knows. */
  async received(): Promise<Frame[]> {
    return (await this.call("unknown")).before;
  }

  /** The data of the events that `$history` shows to this client. */
  async history(): Promise<unknown[]> {
    const { answer } = await this.call("$history", { limit: 1_000 });
    const output = answer[2] as { data: unknown }[] | { events: { data: unknown }[] };
    return (Array.isArray(output) ? output : output.events).map(({ data }) => data);
  }

  /** A call that happens once, as the text of its frame. */
  operation(input: unknown, operation: Operation = {}): string {
    const { number = this.#number + 1, since = this.hello.once.since } = operation;
    const { repeat, page = this.page, id = number, name = "post" } = operation;
    const { oldest = Math.max(1, number - 63) } = operation;
    this.#number = Math.max(this.#number, number);
    return JSON.stringify([
      "$call",
      id,
      name,
      input,
      { page, number, oldest, since, ...(repeat && { repeat }) },
    ]);
  }

  /** Sends a call that happens once, and reads up to the answer. */
  async post(input: unknown, operation: Operation = {}) {
    const text = this.operation(input, operation);
    await this.socket.send(text);
    return this.#answered((JSON.parse(text) as [string, number])[1]);
  }

  async leave(): Promise<void> {
    await this.socket.close(1000);
    await this.socket.closed();
  }

  async #answered(id: number): Promise<{ answer: Frame; before: Frame[] }> {
    const frames = await this.until(
      ([name, answered]) =>
        // A call that the room could not read is answered without its id.
        name === "$error" || ((name === "$reply" || name === "$fail") && answered === id),
    );
    return { answer: frames.at(-1) as Frame, before: frames.slice(0, -1) };
  }
}

/** The durable events among frames. */
export function eventsIn(frames: readonly Frame[]): Event[] {
  return frames.filter(isDurable).map(([name, data, offset]) => [name, data, offset]);
}

/** The data of the durable events among frames. */
export function dataIn(frames: readonly Frame[]): unknown[] {
  return eventsIn(frames).map(([, data]) => data);
}

/** The gaps of which a client was told, by frames of the name. */
export function told(frames: readonly Frame[], name: "$history" | "$once"): unknown[] {
  return frames.filter((frame) => frame[0] === name).map(([, payload]) => payload);
}

/**
 * The places at which a client that may see every durable event of its room was not sent the next
 * one, and was told nothing first.
 */
export function silentGaps({ history }: Hello, frames: readonly Frame[]): string[] {
  const gaps: string[] = [];
  let { offset } = history;
  for (const frame of frames) {
    if (frame[0] === "$history") ({ offset } = frame[1] as Place);
    if (!isDurable(frame)) continue;
    if (frame[2] !== offset + 1) gaps.push(`${frame[2]} after ${offset}`);
    offset = frame[2];
  }
  return gaps;
}

/** The one place that knows how a URL carries a position. */
export function positionParameter({ epoch, offset, tag = "" }: Place): string {
  return `partyflare.history=${epoch}.${offset}.${tag}`;
}

function placeIn(frame: Frame): { offset: number } | undefined {
  const [name, payload] = frame;
  if (name === "$hello") return (payload as Hello).history;
  if (name === "$history") return payload as Place;
  return isDurable(frame) ? { offset: frame[2] } : undefined;
}

function isDurable(frame: Frame): frame is [string, unknown, number, unknown] {
  return !frame[0].startsWith("$") && typeof frame[2] === "number";
}

function framesIn(message: string | ArrayBuffer): Frame[] {
  return String(message)
    .split("\n")
    .map((text) => JSON.parse(text) as Frame);
}
