import * as fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import type { chat } from "../../test/rooms";
import type { SocketHandlers, SocketWiring } from "../connection/wiring";
import type { Room as RoomType } from "./room";
import type { Delivery } from "../connection/message-queue";

/** A connection whose state is a test's: what a room sees of one, and no more. */
class FakeSocket {
  static latest: FakeSocket;
  readonly id = "ada";
  readonly roomUrl = new URL("ws://localhost/parties/chat/lobby");
  readyState = 0;
  bufferedAmount = 0;
  isInDoubt = false;
  shouldReconnect = true;
  /** What was sent on each connection. */
  readonly connections: string[][] = [];
  readonly handlers: SocketHandlers;
  readonly #asks: SocketWiring["asks"];

  constructor(_options: object, handlers: SocketHandlers, { asks }: SocketWiring) {
    this.handlers = handlers;
    this.#asks = asks;
    FakeSocket.latest = this;
  }

  open(once: readonly string[]): void {
    if (this.readyState !== 0 || !this.shouldReconnect) return;
    this.readyState = 1;
    this.bufferedAmount = 0;
    this.connections.push([]);
    // Its URL.
    this.#asks?.();
    this.receive(["$hello", { id: "ada", room: "lobby", once: { calls: once, since: "e.0" } }]);
  }

  lose(): void {
    if (this.readyState !== 1) return;
    this.#end();
    const phase = { state: "waiting", attempt: 1, retryAtMs: 0, error: undefined };
    this.handlers.onPhase?.(
      phase as unknown as Parameters<NonNullable<SocketHandlers["onPhase"]>>[0],
    );
  }

  trust(): void {
    if (!this.isInDoubt) return;
    this.isInDoubt = false;
    this.handlers.onCertain?.();
  }

  send(message: unknown): void {
    if (this.readyState !== 1 || this.isInDoubt) throw new Error("Not now.");
    const text =
      typeof message === "string" ? message : new TextDecoder().decode(message as Uint8Array);
    this.connections.at(-1)?.push(...text.split("\n"));
  }

  receive(frame: unknown[]): void {
    const event = { data: JSON.stringify(frame), origin: "" };
    if (this.readyState === 1) this.handlers.onMessage(event);
  }

  close(): void {
    this.#end();
    this.shouldReconnect = false;
    this.handlers.onPhase?.({ state: "closed" });
  }

  reconnect(): void {
    this.#end();
    this.shouldReconnect = true;
    this.handlers.onPhase?.({ state: "connecting", attempt: 0 });
  }

  hello(): void {}

  #end(): void {
    this.readyState = 0;
    this.isInDoubt = false;
  }
}

// Other files may have imported the room with its real connection.
vi.resetModules();
vi.doMock("../connection/reconnecting-socket", () => ({ ReconnectingSocket: FakeSocket }));
const { Room } = await import("./room");

const WEIGHTS = {
  event: 6,
  volatile: 2,
  text: 2,
  bytes: 2,
  call: 4,
  once: 6,
  "abort a call": 1,
  open: 4,
  "open without once": 1,
  "70 once": 1,
  lose: 2,
  doubt: 2,
  trust: 3,
  congest: 1,
  clear: 3,
  answer: 4,
  close: 1,
  reconnect: 2,
  "wait 60 ms": 3,
  "wait 10 s": 1,
};
type Step = keyof typeof WEIGHTS;

const step = fc.oneof(
  ...Object.entries(WEIGHTS).map(([name, weight]) => ({
    weight,
    arbitrary: fc.constant(name as Step),
  })),
);

describe("whatever a room is given, and whatever happens to its connection", () => {
  afterAll(() => {
    vi.doUnmock("../connection/reconnecting-socket");
    vi.resetModules();
  });
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it(
    "everything settles, in the order in which it was given, and nothing is sent twice",
    { timeout: 3_600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 80, size: "max" }),
          fc.constantFrom(0, 10),
          async (steps, batchMs) => {
            vi.clearAllTimers();
            const world = new World(batchMs);
            for (const name of steps) {
              // oxlint-disable-next-line no-await-in-loop -- one step after the other
              await world.take(name);
              world.check();
            }
            await world.heal();
          },
        ),
        { numRuns: cases(100) },
      );
    },
  );
});

/** A room with a connection that a schedule moves, and the room that it speaks to. */
class World {
  readonly #room: RoomType<typeof chat>;
  readonly #socket: InstanceType<typeof FakeSocket>;
  #made = 0;
  #unsettled = 0;
  readonly #aborts: AbortController[] = [];
  /** What became of each that has no promise, by its number. */
  readonly #deliveries = new Map<number, Delivery>();
  /** How many connections there had been when a volatile event was emitted, by its number. */
  readonly #volatile = new Map<number, number>();
  readonly #dropped = new Set<number>();
  /** The operations that the room has carried out. */
  readonly #done = new Map<string, number>();
  /** Frames of this connection that the room has yet to read. */
  #read = 0;
  /** The calls that the room has listed. */
  #once: readonly string[] = [];

  constructor(batchMs: number) {
    this.#room = new Room<typeof chat>({
      party: "chat",
      room: "lobby",
      host: "localhost",
      batchMs,
    });
    this.#socket = FakeSocket.latest;
    this.#room.onDrop((dropped) => this.#dropped.add(numberOf(Object.values(dropped))));
  }

  async take(name: Step): Promise<void> {
    const room = this.#room;
    const number = this.#made;
    const text = `#${number}#`;
    switch (name) {
      case "event":
        return this.#note(room.emit("say", { text }));
      case "volatile":
        this.#volatile.set(number, this.#socket.connections.length);
        return this.#note(room.emit("say", { text }, { volatile: true }));
      case "text":
        return this.#note(room.sendText(text));
      case "bytes":
        return this.#note(room.sendBinary(new TextEncoder().encode(JSON.stringify(text))));
      case "call":
      case "once":
        return this.#call(name === "once" ? "rename" : "plain", text);
      case "70 once":
        for (let count = 0; count < 70; count += 1) this.#call("rename", `#${this.#made}#`);
        return undefined;
      case "abort a call":
        return this.#aborts.shift()?.abort();
      case "open":
        return this.#open(["rename"]);
      case "open without once":
        return this.#open([]);
      case "lose":
        return this.#socket.lose();
      case "doubt":
        this.#socket.isInDoubt = this.#socket.readyState === 1;
        return undefined;
      case "trust":
        return this.#socket.trust();
      case "congest":
        this.#socket.bufferedAmount = 2 ** 21;
        return undefined;
      case "clear":
        this.#socket.bufferedAmount = 0;
        return undefined;
      case "answer":
        return this.#answer();
      case "close":
        return room.close();
      case "reconnect":
        return room.reconnect();
      case "wait 60 ms":
        await vi.advanceTimersByTimeAsync(60);
        return undefined;
      case "wait 10 s":
        await vi.advanceTimersByTimeAsync(10_000);
        return undefined;
      default:
        return name satisfies never;
    }
  }

  /** What holds at any time. */
  check(): void {
    const ever: number[] = [];
    for (const [index, frames] of this.#socket.connections.entries()) {
      const numbers = frames.map((frame) => numberOf([frame]));
      // Of no later connection.
      for (const number of numbers) {
        expect(this.#volatile.get(number) ?? index + 1).toBe(index + 1);
      }
      // In the order of making, and so each once.
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      ever.push(...numbers.filter((_, index) => !isKept(frames[index] ?? "")));
    }
    expect(ever).toEqual([...new Set(ever)].toSorted((a, b) => a - b));
    for (const number of ever) expect(this.#dropped.has(number)).toBe(false);
    for (const count of this.#done.values()) expect(count).toBe(1);
  }

  /** When all is well again, what was queued is sent; and when it is closed, all has settled. */
  async heal(): Promise<void> {
    if (this.#room.status.state === "closed") this.#room.reconnect();
    this.#socket.bufferedAmount = 0;
    this.#socket.trust();
    this.#open(["rename"]);
    for (let frame = 0; frame <= this.#made; frame += 1) this.#answer();
    await vi.advanceTimersByTimeAsync(100);
    for (let frame = 0; frame <= this.#made; frame += 1) this.#answer();
    await vi.advanceTimersByTimeAsync(0);
    this.check();
    expect(this.#unsettled).toBe(0);
    const sent = new Set(this.#socket.connections.flat().map((frame) => numberOf([frame])));
    for (const [number, delivery] of this.#deliveries) {
      const isLost = delivery === "dropped" || this.#dropped.has(number);
      if (this.#volatile.has(number)) expect(delivery !== "sent" || sent.has(number)).toBe(true);
      else expect(sent.has(number)).toBe(!isLost);
    }
    this.#socket.bufferedAmount = 2 ** 21;
    this.#room.emit("wave");
    this.#room.close();
    expect(this.#room.emit("wave")).toBe("dropped");
    expect(vi.getTimerCount()).toBe(0);
  }

  #open(once: readonly string[]): void {
    if (this.#socket.readyState !== 0) return;
    this.#read = 0;
    this.#once = once;
    this.#socket.open(once);
  }

  #note(delivery: Delivery): void {
    this.#deliveries.set(this.#made, delivery);
    const { state } = this.#room.status;
    if (state === "closed") expect(delivery).toBe("dropped");
    else if (this.#socket.isInDoubt || state !== "open") expect(delivery).not.toBe("sent");
    this.#made += 1;
  }

  #call(name: string, text: string): void {
    this.#made += 1;
    this.#unsettled += 1;
    const abort = new AbortController();
    this.#aborts.push(abort);
    const settled = () => void (this.#unsettled -= 1);
    const call = this.#room.call.bind(this.#room) as unknown as (
      ...details: unknown[]
    ) => Promise<unknown>;
    call(name, { name: text }, { signal: abort.signal }).then((output) => {
      expect(output).toBe(text);
      return settled();
    }, settled);
  }

  /** The room reads the next frame. */
  #answer(): void {
    const frame = this.#socket.connections.at(-1)?.[this.#read];
    if (frame === undefined || this.#socket.readyState !== 1) return;
    this.#read += 1;
    const [name, id, call, input, operation] = JSON.parse(frame) as [
      string,
      number,
      string,
      { name: string },
      { page: string; number: number }?,
    ];
    if (name !== "$call") return;
    if (operation) {
      expect(this.#once).toContain(call);
      const known = `${operation.page} ${operation.number} ${input.name}`;
      // A result is stored under its operation: it is never another call's.
      if (!this.#done.has(known)) this.#done.set(known, 1);
      const others = [...this.#done.keys()].filter((other) =>
        other.startsWith(`${operation.page} ${operation.number} `),
      );
      expect(others).toEqual([known]);
    }
    this.#socket.receive(["$reply", id, input.name]);
  }
}

/** The number in something that was made: `#7#`. */
function numberOf(made: unknown[]): number {
  return Number(/#(\d+)#/.exec(made.map(textOf).join(" "))?.[1] ?? -1);
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value);
}

/** Whether it is a call that happens once. */
function isKept(frame: string): boolean {
  return frame.includes('"since":');
}
