import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it, TestRunner, vi } from "vitest";
import type { KitRoom } from "../../test/kit-party";
import { expectTimeout } from "../../test/timeouts";
import { openRoom, type TestRoom } from "./index";

const HOUR_MS = 3_600_000;

/** Lets a room's next alarm do something. */
async function onAlarm(room: TestRoom<KitRoom>, run: () => Promise<void>): Promise<void> {
  await room.run(async (party, { storage }) => {
    Object.assign(party, { onAlarm: run });
    await storage.setAlarm(Date.now() + 1_000);
  });
}

/** Keeps a room from everything, until the returned function is called. */
async function hold(room: TestRoom<KitRoom>): Promise<() => void> {
  const state = { isHeld: false };
  const held = room.run((_party, ctx) =>
    ctx.blockConcurrencyWhile(async () => {
      state.isHeld = true;
      while (state.isHeld) await scheduler.wait(5);
    }),
  );
  held.catch(() => {});
  await vi.waitFor(() => expect(state.isHeld).toBe(true));
  return () => {
    state.isHeld = false;
  };
}

/**
 * Opens a room with a client, as in a test that has less time. Where the machine is too slow to join,
 * that test has more.
 */
async function openInShortTest() {
  const test = TestRunner.getCurrentTest()!;
  const { timeout } = test;
  for (const testMs of [1_000, 10_000, 60_000]) {
    // The kit reads it. Vitest has read it before.
    Object.assign(test, { timeout: testMs });
    const room = await openRoom(env.KIT);
    Object.assign(test, { timeout });
    const client = await room.join().catch(() => undefined);
    if (client) return { room, client, testMs };
  }
  throw new Error("No client could join.");
}

describe("a room that moves the clock, sleeps or restarts by itself", () => {
  it.each(["advance", "sleep", "restart"] as const)("cannot wait for it: %s", async (what) => {
    const [room, other] = [await openRoom(env.KIT), await openRoom(env.KIT)];
    const refusal = `${what}: call it in the test, not in a room`;
    for (const each of [room, other]) {
      await expect(room.run(() => each[what](5))).rejects.toThrow(refusal);
      await onAlarm(room, () => each[what](5));
      await expect(room.advance(HOUR_MS)).rejects.toThrow(refusal);
    }
    // Timers of the test may ask for it.
    let asked: Promise<void> | undefined;
    setTimeout(() => {
      asked = other[what](5);
    }, HOUR_MS / 2);
    await room.advance(HOUR_MS);
    await expect(asked).resolves.toBeUndefined();
  });
});

describe("a move that does not end", () => {
  let all: TestRoom<KitRoom>;

  beforeAll(async () => {
    all = await openRoom(env.KIT);
  });

  afterAll(() => all.close());

  it("is over in time, and names what it waits for", async () => {
    await expectTimeout(/was not over within \d+ ms: it waits for an alarm/, async (timeoutMs) => {
      const room = await openRoom(env.KIT);
      await onAlarm(room, () => new Promise<void>(() => {}));
      await room.advance(HOUR_MS, { timeoutMs });
    });
  });

  it("is over in time in a room that is blocked", async () => {
    const options = { timeoutMs: 50 };
    for (const what of ["advance", "sleep", "restart"] as const) {
      const room = await openRoom(env.KIT);
      await room.join();
      const release = await hold(room);
      const move = what === "advance" ? room.advance(5, options) : room[what](options);
      await expect(move).rejects.toThrow("within 50 ms");
      release();
    }
  });

  it("does nothing when the room answers at last", async () => {
    for (const what of ["sleep", "restart"] as const) {
      const room = await openRoom(env.KIT);
      await room.run((party) => {
        party.calls = 7;
      });
      const release = await hold(room);
      await expect(room[what]({ timeoutMs: 50 })).rejects.toThrow("within 50 ms");
      release();
      await room.join();
      expect(await room.run(({ calls }) => calls)).toBe(7);
    }
  });

  it.each(["advance", "sleep", "restart"] as const)(
    "may take longer than the test's other waits: %s",
    async (what) => {
      const { room, client, testMs } = await openInShortTest();
      const release = await hold(room);
      const options = { timeoutMs: 100_000 };
      const move = what === "advance" ? room.advance(5, options) : room[what](options);
      await Promise.all([move, scheduler.wait(testMs).then(release)]);
      // Its own waits are over by now, and a slow machine needs more than the least time of one.
      await vi.waitFor(() => client.close(), 60_000);
    },
  );

  it("does not hold up the next test", async () => {
    const room = await openRoom(env.KIT);
    await room.advance(HOUR_MS);
    await all.restart();
  });
});

describe("a move that a test has not waited for", () => {
  const name = crypto.randomUUID();
  let move: Promise<void>;
  let after: Promise<void>[] = [];

  it("is over with its test", async () => {
    const room = await openRoom(env.KIT, name);
    await room.join();
    move = room.advance(24 * HOUR_MS);
    after = [room.restart(), room.sleep()];
    for (const each of [move, ...after]) each.catch(() => {});
  });

  it("does not move the clock of the next one, nor take its room", async () => {
    const startMs = Date.now();
    const room = await openRoom(env.KIT, name);
    const ada = await room.join();
    for (const each of [move, ...after]) await expect(each).rejects.toThrow("is over");
    expect(Date.now() - startMs).toBeLessThan(HOUR_MS);
    await room.settle();
    expect(ada.received).toMatchObject([{ text: "open" }]);
  });
});
