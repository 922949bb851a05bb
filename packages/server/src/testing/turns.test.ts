import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
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

/** Keeps a room from everything, until the platform restarts it. */
async function block(room: TestRoom<KitRoom>): Promise<void> {
  let isBlocked = false;
  const blocked = room.run((_party, ctx) =>
    ctx.blockConcurrencyWhile(() => {
      isBlocked = true;
      return new Promise(() => {});
    }),
  );
  // That of the restart.
  blocked.catch(() => {});
  await vi.waitFor(() => expect(isBlocked).toBe(true));
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
      await block(room);
      const move = what === "advance" ? room.advance(5, options) : room[what](options);
      await expect(move).rejects.toThrow("within 50 ms");
    }
  });

  it("does not hold up the next test", async () => {
    const room = await openRoom(env.KIT);
    await room.advance(HOUR_MS);
    await all.restart();
  });
});

describe("a move that a test has not waited for", () => {
  let move: Promise<void>;

  it("is over with its test", async () => {
    const room = await openRoom(env.KIT);
    await room.join();
    move = room.advance(24 * HOUR_MS);
    move.catch(() => {});
  });

  it("does not move the clock of the next one", async () => {
    const startMs = Date.now();
    const room = await openRoom(env.KIT);
    await room.join();
    await expect(move).rejects.toThrow("is over");
    expect(Date.now() - startMs).toBeLessThan(HOUR_MS);
  });
});
