import { type } from "@partyflare/shared";
import type { WirePresence } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { type FakeConnection, FakeHost } from "../../../test/fake-host";
import { presence, type PresenceOptions } from "./presence";

const contract = { presence: type<{ n: number }>() };

function open(options: PresenceOptions<typeof contract>) {
  const room = FakeHost.with(presence(options), { contract });
  const join = (id: string) => {
    const connection = room.connect(id);
    room.settle();
    return connection;
  };
  const leave = (connection: FakeConnection) => {
    room.leave(connection);
    room.settle();
  };
  const set = (connection: FakeConnection, fields: object) => {
    void room.frame(connection, { set: fields, n: 1 });
    room.settle();
  };
  return { room, join, leave, set };
}

function keysOf(frame: unknown): unknown {
  const { members } = frame as Partial<Extract<WirePresence, { members: unknown }>>;
  return members ? members.map(({ key }) => key) : frame;
}

describe("a slow viewer", () => {
  it.each([0, 50])("is spared, and then gets the whole list: window %i ms", (windowMs) => {
    const { room, join, set } = open({ windowMs, graceMs: 0 });
    const [ada, bob] = [join("ada"), join("bob")];
    room.pass(100);
    ada.isBehind = true;
    const before = ada.sent.length;
    for (let n = 0; n < 10; n += 1) {
      set(bob, { n });
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
    const { room, join, set } = open({ graceMs: 0 });
    const [ada, bob] = [join("ada"), join("bob")];
    room.pass(100);
    ada.isBehind = true;
    set(bob, { n: 1 });
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
      const { room, join, leave } = open({
        graceMs: 5_000,
        onLeave: ({ key }) => void left.push(key),
      });
      const [ada, bob] = [join("ada"), join("bob")];
      leave(bob);
      room.pass(2_500);
      room.setClock(moved);
      leave(ada);
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
    const { room, join, leave } = open({
      graceMs: 5_000,
      onLeave: ({ key }) => void left.push(key),
    });
    const bob = join("bob");
    room.isWithoutTimers = true;
    leave(bob);
    expect(left).toEqual(["bob"]);
  });

  it("counts from when a dead connection was heard last", () => {
    const left: string[] = [];
    const { room, join, leave } = open({
      graceMs: 120_000,
      onLeave: ({ key }) => void left.push(key),
    });
    const bob = join("bob");
    bob.silentSinceMs = room.now();
    room.pass(90_000);
    leave(bob);
    expect(left).toEqual([]);
    room.pass(30_000);
    expect(left).toEqual(["bob"]);
  });
});
