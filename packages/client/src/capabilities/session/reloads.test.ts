import type { Contract } from "@partyflare/shared";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cases } from "../../../../../harness/scale";
import { ScriptedSocket } from "../../../test/scripted-socket";
import { Tab } from "../../../test/tab";
import { Room } from "../../room/room";
import type { session as sessionFunction } from "./session";

const SCHEDULES = cases(100);

type Frame = [
  kind: string,
  id: number,
  name: string,
  input: number,
  operation?: { page: string; number: number; oldest: number; repeat?: boolean },
];

/** A room that does each operation once, and a tab whose page is loaded again and again. */
class World {
  readonly tab = new Tab();
  /** In the order in which they were done. */
  readonly done: number[] = [];
  readonly #results = new Map<string, number>();
  readonly #unanswered: { socket: ScriptedSocket; id: number }[] = [];
  #room: Room<Contract> | undefined;
  #read = new WeakMap<ScriptedSocket, number>();
  #calls = 0;

  async load(): Promise<void> {
    vi.resetModules();
    this.tab.enter();
    const { session }: { session: typeof sessionFunction } = await import("./session");
    this.#room = new Room(
      { host: "localhost", party: "a", room: "b", WebSocket: ScriptedSocket, resume: session() },
      { random: () => 0.5 },
    );
  }

  get socket(): ScriptedSocket | undefined {
    return ScriptedSocket.made.at(-1);
  }

  get room(): Room<Contract> {
    return this.#room!;
  }

  get calls(): number {
    return this.#calls;
  }

  call(): void {
    // Before the first hello a call has ten seconds.
    this.room.call("post", ++this.#calls, { timeoutMs: Infinity }).catch(() => {});
  }

  accept(): void {
    const { socket } = this;
    if (!socket || socket.readyState > 1) return;
    if (socket.readyState === 0) socket.open();
    if (this.room.status.state !== "connecting") return;
    socket.receive('["$hello",{"id":"x","room":"b","once":{"calls":["post"],"since":"e.0"}}]');
  }

  /** The room does what it was sent. */
  work(): void {
    for (const socket of ScriptedSocket.made) {
      const texts = socket.sent
        .slice(this.#read.get(socket) ?? 0)
        .flatMap((t) => String(t).split("\n"));
      this.#read.set(socket, socket.sent.length);
      for (const text of texts) this.#do(socket, JSON.parse(text) as Frame);
    }
  }

  #do(socket: ScriptedSocket, [kind, id, , input, operation]: Frame): void {
    if (kind !== "$call") return;
    if (!operation) throw new Error(`A call that happens once was sent as another: ${input}`);
    const key = `${operation.page} ${operation.number}`;
    const earlier = this.#results.get(key);
    if (earlier !== undefined && earlier !== input) throw new Error(`${key}: ${earlier}, ${input}`);
    if (earlier === undefined) this.done.push(input);
    this.#results.set(key, input);
    this.#unanswered.push({ socket, id });
  }

  answer(): void {
    const next = this.#unanswered.shift();
    if (next?.socket === this.socket && next?.socket?.readyState === 1)
      next.socket.receive(JSON.stringify(["$reply", next.id, 0]));
  }

  lose(): void {
    this.socket?.end(1006);
  }

  /** The page is loaded again: its socket hears and says nothing any more. */
  async reload({ crashes = false } = {}): Promise<void> {
    if (crashes) this.tab.listeners.clear();
    this.tab.leave();
    // What was on its way arrives.
    this.work();
    for (const socket of ScriptedSocket.made) socket.readyState = 3;
    ScriptedSocket.made.length = 0;
    vi.clearAllTimers();
    await this.load();
  }
}

let closing = () => {};

const STEPS: Record<string, (world: World) => unknown> = {
  "a call": (world) => world.call(),
  "two calls": (world) => (world.call(), world.call()),
  "the room accepts": (world) => world.accept(),
  "the room works": (world) => world.work(),
  "the room answers": (world) => world.answer(),
  "the connection is lost": (world) => world.lose(),
  offline: (world) => world.room.probe(),
  "a moment": () => vi.advanceTimersByTimeAsync(5),
  "half a second": () => vi.advanceTimersByTimeAsync(500),
  "three seconds": () => vi.advanceTimersByTimeAsync(3_000),
  "a reload": (world) => world.reload(),
  // Without `pagehide`: what was called within 200 ms may be lost.
  "a crash": (world) => world.reload({ crashes: true }),
};

beforeEach(() => {
  closing = () => {};
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each([
  ["once, where each page is left", (name: string) => name !== "a crash"],
  ["once at most, where pages crash", () => true],
])(
  "calls that happen once are done in order and %s",
  async (_how, isStep) => {
    const steps = fc.array(fc.constantFrom(...Object.keys(STEPS).filter(isStep)), {
      maxLength: 40,
    });
    const property = fc.asyncProperty(steps, async (names) => {
      // Of a run that failed.
      closing();
      vi.clearAllTimers();
      ScriptedSocket.made.length = 0;
      Tab.locks.clear();
      const world = new World();
      await world.load();
      closing = () => world.room.close();
      for (const name of names) {
        await STEPS[name]?.(world);
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      }
      // In the end there is a connection.
      world.lose();
      world.room.probe();
      for (let round = 0; round < 200 && world.room.unanswered > 0; round++) {
        await vi.advanceTimersByTimeAsync(100);
        world.accept();
        world.work();
        for (let each = 0; each < 40; each++) world.answer();
      }
      const expected = Array.from({ length: world.calls }, (_, index) => index + 1);
      expect(world.done).toEqual(expected.filter((input) => world.done.includes(input)));
      expect(world.room.unanswered).toBe(0);
      if (!names.includes("a crash")) expect(world.done).toEqual(expected);
      closing();
    });
    await fc.assert(property, { numRuns: SCHEDULES });
  },
  600_000,
);
