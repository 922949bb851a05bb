import { expect, it } from "vitest";
import { FakeHost, withStorage } from "../../test/fake-host";
import type { Contract } from "@partyflare/shared";
import type { Feature } from "./capability";

/** Counts what clients send, tells all subscribers, and forgets it a second later. */
const counting: Feature<Contract, { count: number }> = (host) => {
  const api = { count: 0 };
  const tell = () => host.send(host.subscribers(), () => ({ count: api.count }));
  return {
    api,
    capability: {
      name: "count",
      onHello: (_connection, asked) => ({ count: api.count, asked }),
      onFrame(connection, payload) {
        if (payload === "refused") throw new Error("refused");
        api.count += 1;
        connection.data.keep("count", api.count);
        host.afterTurn(tell);
        host.later(() => (api.count = 0), 1_000);
        host.runHook(() => {
          if (payload === "hook") throw new Error("a hook has failed");
        }, connection);
      },
      onChange: tell,
      onDisconnect: () => tell(),
    },
  };
};

it("a fake host connects clients, runs the steps of a turn, and moves the time", async () => {
  const room = FakeHost.with(counting);
  const ada = room.connect("ada", { asked: "all" });
  const bob = room.connect("bob", { asked: undefined });
  const cyd = room.connect("cyd", { isFramed: false });
  expect([ada.hello, bob.hello, cyd.hello]).toEqual([
    { count: 0, asked: "all" },
    undefined,
    undefined,
  ]);
  expect(() => room.frame(ada, "refused")).toThrow("refused");
  void room.frame(ada, "hook");
  expect(ada.take()).toEqual([]);
  await room.settled();
  expect([ada.take(), bob.take(), cyd.take()]).toEqual([[{ count: 1 }], [], []]);
  expect(room.errors).toMatchObject([{ connection: ada, error: { message: "a hook has failed" } }]);
  expect(() => room.sleep()).toThrow("1 timers");
  room.pass(999);
  expect([room.api.count, room.timers]).toEqual([1, 1]);
  room.pass(1);
  expect([room.api.count, room.timers]).toEqual([0, 0]);
  room.subscribe(bob);
  bob.setState({ name: "Bob" });
  expect([ada.take(), bob.take()]).toEqual([[{ count: 0 }], [{ count: 0 }]]);
  room.leave(ada);
  expect(bob.take()).toEqual([]);
  room.settle();
  expect(bob.take()).toEqual([{ count: 0 }]);
  room.sleep();
  expect(ada.data.of("count")).toBe(1);
  expect([...room.subscribers()]).toEqual([bob]);
});

it("a fake host's transactions delay sends, and undo writes and times", async () => {
  await withStorage((storage) => {
    const wiped: string[] = [];
    const room = FakeHost.with(
      (host) => ({
        api: host,
        capability: {
          name: "timed",
          onAlarm: (nowMs) => host.wakeAt(nowMs + 10.5),
          onRollback: () => void wiped.push("rolled back"),
        },
      }),
      { storage },
    );
    const ada = room.connect("ada");
    const host = room.api;
    host.wakeAt(room.now() + 1);
    const failing = () =>
      room.transaction(() => {
        host.wakeAt(null);
        host.send([ada.real], () => host.now());
        expect(ada.take()).toEqual([]);
        throw new Error("rolled back");
      });
    expect(failing).toThrow("rolled back");
    expect([wiped, ada.take().length, room.wakeAtMs]).toEqual([["rolled back"], 1, room.now() + 1]);
    expect(room.ring()).toBe(false);
    room.pass(1);
    expect([room.ring(), room.wakeAtMs]).toEqual([true, room.now() + 11]);
    room.crash();
    expect([[...room.connections()], room.wakeAtMs]).toEqual([[], room.now() + 11]);
  });
});
