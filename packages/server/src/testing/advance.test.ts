import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { scripts } from "../../test/parties";
import { openRoom } from "./index";

const HOUR_MS = 3_600_000;

it("moves the clock of the test and of the room, and puts it right", async () => {
  const realMs = Date.now();
  const room = await openRoom(env.KIT);
  await room.advance(HOUR_MS);
  for (const nowMs of [Date.now(), new Date().getTime(), await room.run(() => Date.now())]) {
    expect(nowMs - realMs).toBeGreaterThanOrEqual(HOUR_MS);
    expect(nowMs - realMs).toBeLessThan(2 * HOUR_MS);
  }
  expect(new Date(5).getTime()).toBe(5);
  expect(new Date()).toBeInstanceOf(Date);
  await room.close();
  expect(Date.now() - realMs).toBeLessThan(HOUR_MS);
});

it("leaves Date the constructor of all dates", async () => {
  const RealDate = Date;
  const before = new Date();
  const room = await openRoom(env.KIT);
  const dates = () => [
    before,
    new Date(),
    new Date(5),
    structuredClone(before),
    Reflect.construct(Date, []) as Date,
  ];
  const check = () => {
    for (const date of dates()) {
      expect(date.constructor).toBe(Date);
      expect(date).toBeInstanceOf(Date);
      expect(Object.getPrototypeOf(date)).toBe(Date.prototype);
    }
    class Day extends Date {}
    expect(new Day().constructor).toBe(Day);
    expect(Math.abs(new Day().getTime() - Date.now())).toBeLessThan(HOUR_MS / 2);
    return Date;
  };
  check();
  await room.advance(HOUR_MS);
  check();
  // In the room too, and of what its storage has kept.
  const seen = await room.run(async (_party, { storage }) => {
    await storage.put("date", before);
    const kept = await storage.get<Date>("date");
    return [check() === Date, kept?.constructor === Date];
  });
  expect(seen).toEqual([true, true]);
  await room.close();
  expect(check()).toBe(RealDate);
});

it("runs an alarm at its time, also of a room that sleeps", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  const sentMs = Date.now();
  ada.emit("remindIn", HOUR_MS);
  await room.sleep();

  await room.advance(HOUR_MS - 60_000);
  await ada.nothing();
  await room.advance(120_000);

  const { atMs } = await ada.next("reminded");
  expect(atMs - sentMs).toBeGreaterThanOrEqual(HOUR_MS);
  expect(atMs - sentMs).toBeLessThan(HOUR_MS + 60_000);
});

it("runs the timers of the room in the room, at their times", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  const startMs = Date.now();
  await ada.call("wait", 40_000);
  await ada.call("wait", 20_000);
  await ada.call("wait", 80_000);

  await room.advance(60_000);

  const [first, second] = [await ada.next("later"), await ada.next("later")];
  expect(Math.round((first.atMs - startMs) / 10_000)).toBe(2);
  expect(Math.round((second.atMs - startMs) / 10_000)).toBe(4);
  await ada.nothing();
  await room.advance(30_000);
  await ada.next("later");
});

it("runs the timers of the test and of clients", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  const ran = vi.fn<(text: string) => void>();
  setTimeout(ran, 30_000, "once");
  const interval = setInterval(ran, 20_000, "often");
  const cleared = setTimeout(ran, 10_000, "never");
  clearTimeout(cleared);
  ada.cut();
  const call = ada.call("vote", "red", { timeoutMs: 10_000 }).catch(({ code }) => code);

  await room.advance(50_000);
  clearInterval(interval);
  await room.advance(50_000);

  expect(ran.mock.calls.flat()).toEqual(["often", "once", "often"]);
  expect(await call).toBe("timeout");
});

it("fires a timer that is not due as much earlier", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  await ada.call("wait", HOUR_MS);
  await room.advance(HOUR_MS - 20);
  expect(await ada.next("later")).toBeDefined();
});

it.each(["KIT", "KIT_IN_MEMORY"] as const)(
  "keeps clients alive, and lets the room find a cut one dead (%s)",
  async (kind) => {
    const room = await openRoom(env[kind]);
    const ada = await room.join({ token: "ada" });
    const bob = await room.join({ token: "bob" });
    await ada.waitUntil(() => ada.presence.size === 2);
    // A client pings for the first time after half a minute at the most.
    await room.advance(40_000);

    bob.cut();
    await room.advance(10 * 60_000);
    // Something happens in the room.
    ada.emit("say", { text: "hello" });
    await room.settle();
    await room.advance(5_000);

    expect(ada.status.state).toBe("open");
    expect(ada.received.filter(({ kind }) => kind === "status")).toHaveLength(1);
    await ada.waitUntil(() => ada.presence.size === 1);
    expect(await room.run((party) => party.getConnections().map(({ id }) => id))).toEqual([ada.id]);
  },
);

it.each(["KIT", "KIT_IN_MEMORY"] as const)(
  "keeps raw connections alive too, and lets the room find a cut one dead (%s)",
  async (kind) => {
    const room = await openRoom(env[kind]);
    const [ada, bob] = [await room.joinRaw({ token: "ada" }), await room.joinRaw()];
    // Something happens in the room on the way.
    await room.run((_party, { storage }) => storage.setAlarm(Date.now() + HOUR_MS / 2));
    await room.advance(HOUR_MS);
    ada.send("hello");
    expect([await ada.next(), await bob.next()]).toEqual(["welcome, ada", "welcome, guest"]);
    for (const client of [ada, bob]) expect(await client.next()).toContain("reminded");
    expect([await ada.next(), await bob.next()]).toEqual(["hello", "hello"]);

    bob.cut();
    await room.advance(HOUR_MS);
    ada.send("hello");
    await room.settle();
    expect(await room.run((party) => party.getConnections().map(({ id }) => id))).toEqual([ada.id]);
  },
);

it("lets credentials expire", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  ada.emit("expire");
  await room.advance(59_000);
  ada.emit("say", { text: "still here" });
  await ada.next("said");
  await room.advance(2_000);
  ada.emit("say", { text: "too late" });
  expect(await ada.closed()).toMatchObject({ code: 4401 });
});

it("keeps to one clock for all rooms of a test", async () => {
  const [one, two] = [await openRoom(env.KIT), await openRoom(env.KIT)];
  const ada = await two.join();
  ada.emit("remindIn", HOUR_MS);
  await one.advance(HOUR_MS);
  await ada.next("reminded");
});

it("moves on one move after the other, also if they are asked for at once", async () => {
  const [one, two] = [await openRoom(env.KIT), await openRoom(env.KIT)];
  const [ada, bob] = [await one.join({ token: "ada" }), await two.join({ token: "bob" })];
  const startMs = Date.now();
  ada.emit("remindIn", HOUR_MS / 2);
  await bob.call("wait", 1.5 * HOUR_MS);

  const moves = [one.advance(HOUR_MS), two.advance(HOUR_MS), one.advance(HOUR_MS)];
  await expect(one.advance(-1)).rejects.toThrow("advance takes milliseconds");
  await Promise.all(moves);

  expect(Math.round((Date.now() - startMs) / HOUR_MS)).toBe(3);
  const [{ atMs: remindedMs }, { atMs: laterMs }] = [
    await ada.next("reminded"),
    await bob.next("later"),
  ];
  expect(Math.round((remindedMs - startMs) / 60_000)).toBe(30);
  expect(Math.round((laterMs - startMs) / 60_000)).toBe(90);
  await ada.nothing();
});

it("lets a room sleep and restart before or after a move, not in it", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  const startMs = Date.now();
  ada.emit("remindIn", HOUR_MS);
  await Promise.all([
    room.advance(HOUR_MS / 2),
    room.sleep(),
    room.advance(HOUR_MS / 4),
    room.restart(),
    room.sleep(),
    room.advance(HOUR_MS / 2),
    room.restart(),
    room.restart(),
  ]);
  const { atMs } = await ada.next("reminded");
  expect(Math.round((atMs - startMs) / 60_000)).toBe(60);
  expect(Math.round((Date.now() - startMs) / 60_000)).toBe(75);
  await ada.nothing();
  expect(await ada.call("post", "still here")).toBe(1);
});

it("says what is wrong with a time, and with fake timers", async () => {
  const room = await openRoom(env.KIT);
  for (const ms of [-1, Number.NaN, Infinity]) {
    await expect(room.advance(ms)).rejects.toThrow("advance takes milliseconds, 0 or more, not");
  }
  vi.useFakeTimers();
  await expect(room.advance(1)).rejects.toThrow("call vi.useRealTimers() first");
  await expect(openRoom(env.KIT)).rejects.toThrow("Call vi.useRealTimers() first");
  vi.useRealTimers();
  // Date alone.
  vi.setSystemTime(0);
  await expect(room.advance(1)).rejects.toThrow("call vi.useRealTimers() first");
  await expect(openRoom(env.KIT)).rejects.toThrow("Call vi.useRealTimers() first");
  vi.useRealTimers();
});

it("says that it took too long, and how often it has stopped", async () => {
  const room = await openRoom(env.KIT);
  const timer = setInterval(() => {}, 1);
  await expect(room.advance(HOUR_MS, { timeoutMs: 20 })).rejects.toThrow(
    /^advance\(3600000\) was not over within 20 ms: it has stopped for timers \d+ times\.$/,
  );
  clearInterval(timer);
});

it("rejects with the error of an alarm", async () => {
  const name = crypto.randomUUID();
  scripts.set(name, {
    onAlarm() {
      throw new Error("a bad alarm");
    },
    onError() {},
  });
  const room = await openRoom(env.HIBERNATING, name);
  await room.run((_party, { storage }) => storage.setAlarm(Date.now() + HOUR_MS));
  await expect(room.advance(2 * HOUR_MS)).rejects.toThrow("a bad alarm");
});
