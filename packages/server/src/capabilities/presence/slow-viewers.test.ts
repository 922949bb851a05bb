import type { WirePresence } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import type { Capability, Host, RoomConnection } from "../capability";
import { presence, type PresenceOptions } from "./presence";

/** A connection whose reader may be slow. */
class FakeConnection {
  isOpen = true;
  isBehind = false;
  silentSinceMs: number | undefined;
  readonly sent: WirePresence[] = [];
  readonly #kept = new Map<string, unknown>();
  readonly data = {
    of: (name: string) => this.#kept.get(name),
    keep: (name: string, value: unknown) => void this.#kept.set(name, value),
    isSubscribed: () => true,
  };

  constructor(readonly id: string) {}

  get client(): string {
    return this.id;
  }
}

/** A room with a clock of its own. */
class FakeRoom {
  nowMs = 1_000_000;
  /** Whether the app has used up all timers: each function runs in the next turn. */
  isWithoutTimers = false;
  readonly connections: FakeConnection[] = [];
  readonly #capability: Capability;
  #turns: (() => void)[] = [];
  #timers: { atMs: number; run: () => void }[] = [];

  constructor(options: PresenceOptions<object>) {
    const all = () => this.connections as unknown as RoomConnection[];
    const host = {
      contract: { presence: { "~standard": { validate: (value: unknown) => ({ value }) } } },
      connections: all,
      subscribers: all,
      send: (to: Iterable<FakeConnection>, payload: () => WirePresence) => {
        for (const { sent } of to) sent.push(payload());
      },
      afterTurn: (run: () => void) => void this.#turns.push(run),
      later: (run: () => void, ms: number) => {
        if (this.isWithoutTimers) this.#turns.push(run);
        else this.#timers.push({ atMs: this.#passedMs + ms, run });
      },
      runHook: (hook: () => unknown) => void hook(),
      now: () => this.nowMs,
    };
    this.#capability = presence(options)(host as unknown as Host<object>).capability;
  }

  #passedMs = 0;

  get timers(): number {
    return this.#timers.length;
  }

  join(id: string): FakeConnection {
    const connection = new FakeConnection(id);
    const real = connection as unknown as RoomConnection;
    this.#capability.authorize?.(real);
    connection.sent.push(this.#capability.onHello?.(real, "") as WirePresence);
    this.connections.push(connection);
    this.#capability.onConnect?.(real);
    this.settle();
    return connection;
  }

  leave(connection: FakeConnection): void {
    connection.isOpen = false;
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.#capability.onDisconnect?.(connection as unknown as RoomConnection);
    this.settle();
  }

  set(connection: FakeConnection, set: object): void {
    void this.#capability.onFrame?.(connection as unknown as RoomConnection, { set, n: 1 });
    this.settle();
  }

  settle(): void {
    for (let left = 10_000; this.#turns.length > 0; left -= 1) {
      if (left === 0) throw new Error("The room never comes to rest.");
      this.#turns.shift()?.();
    }
  }

  /** Time passes. The clock may show something else. */
  pass(ms: number, shownMs = ms): void {
    this.#passedMs += ms;
    this.nowMs += shownMs;
    for (;;) {
      const due = this.#timers.find(({ atMs }) => atMs <= this.#passedMs);
      if (!due) return;
      this.#timers.splice(this.#timers.indexOf(due), 1);
      due.run();
      this.settle();
    }
  }
}

const keysOf = (frame: WirePresence | undefined) =>
  frame && "members" in frame ? frame.members.map(({ key }) => key) : frame;

describe("a slow viewer", () => {
  it.each([0, 50])("is spared, and then gets the whole list: window %i ms", (windowMs) => {
    const room = new FakeRoom({ windowMs, graceMs: 0 });
    const [ada, bob] = [room.join("ada"), room.join("bob")];
    room.pass(100);
    ada.isBehind = true;
    const before = ada.sent.length;
    for (let n = 0; n < 10; n += 1) {
      room.set(bob, { n });
      room.pass(50);
    }
    expect(ada.sent).toHaveLength(before);
    ada.isBehind = false;
    room.pass(100);
    expect(ada.sent).toHaveLength(before + 1);
    expect(keysOf(ada.sent.at(-1))).toEqual(["ada", "bob"]);
    expect(room.timers).toBe(0);
  });

  it("that never reads does not keep the room awake", () => {
    const room = new FakeRoom({ graceMs: 0 });
    const [ada, bob] = [room.join("ada"), room.join("bob")];
    room.pass(100);
    ada.isBehind = true;
    room.set(bob, { n: 1 });
    for (let n = 0; n < 100; n += 1) room.pass(50);
    expect(room.timers).toBe(0);
    expect(keysOf(ada.sent.at(-1))).toEqual(["ada", "bob"]);
  });
});

describe("the grace period", () => {
  it.each([0, -3_600_000, 3_600_000, 2_000])(
    "ends, with a clock that is moved by %i ms",
    (moved) => {
      const left: string[] = [];
      const room = new FakeRoom({ graceMs: 5_000, onLeave: ({ key }) => void left.push(key) });
      const [ada, bob] = [room.join("ada"), room.join("bob")];
      room.leave(bob);
      room.pass(2_500, 2_500 + moved);
      room.leave(ada);
      expect(left).toEqual([]);
      room.pass(2_500);
      expect(left).toContain("bob");
      room.pass(2_500);
      expect(left.toSorted()).toEqual(["ada", "bob"]);
      room.pass(10_000);
      expect(room.timers).toBe(0);
    },
  );

  it("ends at once in a room without timers, and does not run hot", () => {
    const left: string[] = [];
    const room = new FakeRoom({ graceMs: 5_000, onLeave: ({ key }) => void left.push(key) });
    const bob = room.join("bob");
    room.isWithoutTimers = true;
    room.leave(bob);
    expect(left).toEqual(["bob"]);
  });

  it("counts from when a dead connection was heard last", () => {
    const left: string[] = [];
    const room = new FakeRoom({ graceMs: 120_000, onLeave: ({ key }) => void left.push(key) });
    const bob = room.join("bob");
    bob.silentSinceMs = room.nowMs;
    room.pass(90_000);
    room.leave(bob);
    expect(left).toEqual([]);
    room.pass(30_000);
    expect(left).toEqual(["bob"]);
  });
});
