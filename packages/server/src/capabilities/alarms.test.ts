import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { describeSeamRooms, openSeamRoom, type TestRoom } from "../../test/rooms";
import { watchRows } from "../../test/rows-read";
import type { SeamRoom, SeamScript } from "../../test/seam-party";

type Room = TestRoom<SeamRoom>;

const PATIENCE = { timeout: 60_000 };
const HOUR_MS = 3_600_000;

/** Two timed capabilities that note when they are due. */
function timed(log: string[], more: SeamScript = {}): SeamScript {
  const note = (name: string) => () => ({ onAlarm: () => void log.push(name) });
  return { first: note("first"), second: note("second"), ...more };
}

/** The platform's own alarm, and whether the room has any table. */
const look = (room: Room) =>
  runInDurableObject(room.stub, async (party) => ({
    alarm: await party.storage.getAlarm(),
    bytes: party.storage.sql.databaseSize,
  }));

const alarmOf = async (room: Room) => (await look(room)).alarm;

const wakeAt = (room: Room, name: "first" | "second", timeMs: number | null) =>
  runInDurableObject(room.stub, (party) => party[name].wakeAt(timeMs));

/** Makes all capabilities due that are due by a time. The platform's clock stays as it is. */
async function ringAt(room: Room, timeMs: number): Promise<boolean> {
  const clock = vi.spyOn(Date, "now").mockReturnValue(timeMs);
  try {
    return await runDurableObjectAlarm(room.stub);
  } finally {
    clock.mockRestore();
  }
}

describe("the platform", () => {
  it.each(["earlier", "later", "none"])(
    "undoes an alarm that is set in a transaction that is rolled back: %s",
    async (change) => {
      const room = openSeamRoom("HIBERNATING_SEAM");
      const atMs = Date.now() + HOUR_MS;
      await runInDurableObject(room.stub, async ({ storage }) => {
        await storage.setAlarm(atMs);
        const rolledBack = () =>
          storage.transactionSync(() => {
            if (change === "none") void storage.deleteAlarm();
            else void storage.setAlarm(change === "earlier" ? atMs - 1_000 : atMs + 1_000);
            throw new Error("rolled back");
          });
        expect(rolledBack).toThrow("rolled back");
        expect(await storage.getAlarm()).toBe(atMs);
      });
      await room.sleep();
      expect(await alarmOf(room)).toBe(atMs);
    },
  );

  it("rings for a time that a rollback has restored, and not for one that it has undone", async () => {
    const log: string[] = [];
    const kept = openSeamRoom("HIBERNATING_SEAM", timed(log));
    const undone = openSeamRoom("HIBERNATING_SEAM", timed(log));
    const failing = (party: SeamRoom, timeMs: number | null) => () =>
      party.transact(() => {
        party.second.wakeAt(timeMs);
        party.first.wakeAt(timeMs);
        throw new Error("rolled back");
      });
    await runInDurableObject(undone.stub, (party) => {
      expect(failing(party, Date.now() + 1)).toThrow("rolled back");
    });
    await runInDurableObject(kept.stub, (party) => {
      party.first.wakeAt(Date.now() + 300);
      expect(failing(party, null)).toThrow("rolled back");
    });
    await vi.waitFor(() => expect(log).toEqual(["first"]), PATIENCE);
    expect(await alarmOf(undone)).toBeNull();
  });
});

describeSeamRooms("the times of capabilities", (open) => {
  it("are in the room's one alarm, the earliest of them", async () => {
    const room = open(timed([]));
    const soonMs = Date.now() + HOUR_MS;
    for (const [name, timeMs, alarm] of [
      ["first", soonMs + 500, soonMs + 500],
      ["second", soonMs, soonMs],
      ["second", soonMs + 900, soonMs + 500],
      ["first", soonMs + 1_000, soonMs + 900],
      ["second", null, soonMs + 1_000],
      ["second", null, soonMs + 1_000],
      ["first", soonMs + 0.25, soonMs + 1],
      ["first", null, null],
    ] as const) {
      await wakeAt(room, name, timeMs);
      await room.sleep();
      expect(await alarmOf(room), `${name} ${timeMs}`).toBe(alarm);
    }
  });

  it("are parts of the transaction in which they are set, however deep it is nested", async () => {
    const room = open(timed([]));
    const atMs = Date.now() + HOUR_MS;
    await runInDurableObject(room.stub, (party) => {
      party.transact(() => {
        party.first.wakeAt(atMs);
        expect(() =>
          party.transact(() => {
            party.first.wakeAt(atMs - 5);
            party.second.wakeAt(atMs - 9);
            throw new Error("rolled back");
          }),
        ).toThrow("rolled back");
      });
    });
    expect(await alarmOf(room)).toBe(atMs);
    await runInDurableObject(room.stub, (party) => {
      expect(() =>
        party.transact(() => {
          party.transact(() => party.second.wakeAt(atMs - 9));
          throw new Error("rolled back");
        }),
      ).toThrow("rolled back");
      expect(() =>
        party.storage.transactionSync(() => {
          party.second.wakeAt(atMs - 7);
          throw new Error("rolled back");
        }),
      ).toThrow("rolled back");
    });
    expect(await alarmOf(room)).toBe(atMs);
  });

  it("run who is due, once, in the party's order, and leave the others their time", async () => {
    const log: string[] = [];
    const room = open(timed(log));
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "second", atMs);
    await wakeAt(room, "first", atMs + 1);
    await room.sleep();
    await ringAt(room, atMs);
    expect([log, await alarmOf(room)]).toEqual([["second"], atMs + 1]);
    await wakeAt(room, "second", atMs);
    await ringAt(room, atMs + 5);
    expect([log, await alarmOf(room)]).toEqual([["second", "first", "second"], null]);
    expect(await runDurableObjectAlarm(room.stub)).toBe(false);
  });

  it("survive an alarm that rings too early", async () => {
    const log: string[] = [];
    const room = open(timed(log));
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "first", atMs);
    await room.sleep();
    await ringAt(room, atMs - 1);
    expect([log, await alarmOf(room)]).toEqual([[], atMs]);
  });

  it("that are past are due at once, also when they are set while it rings", async () => {
    const log: string[] = [];
    const room = open({
      first: (host) => ({
        onAlarm(nowMs) {
          log.push("first");
          if (log.length < 3) host.wakeAt(nowMs - 1_000);
        },
      }),
    });
    await wakeAt(room, "first", -5);
    await vi.waitFor(() => expect(log).toEqual(["first", "first", "first"]), PATIENCE);
    await vi.waitFor(async () => expect(await alarmOf(room)).toBeNull(), PATIENCE);
  });

  it("are gone after a wipe, with the alarm, and can be set again", async () => {
    const log: string[] = [];
    const room = open(
      timed(log, {
        second: (host) => ({
          onAlarm: () => void log.push("second"),
          onWiped: () => {
            log.push("wiped");
            host.wakeAt(Date.now() + 2 * HOUR_MS);
          },
        }),
      }),
    );
    await wakeAt(room, "first", Date.now() + HOUR_MS);
    await runInDurableObject(room.stub, ({ storage }) => storage.deleteAll());
    expect(await alarmOf(room)).toBeNull();
    await room.sleep();
    log.length = 0;
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "first", atMs);
    expect(await alarmOf(room)).toBe(atMs);
    await ringAt(room, atMs);
    expect(log.filter((line) => line !== "wiped")).toEqual(["first"]);
  });

  it.each([NaN, Infinity, -Infinity, 1e300, "soon", undefined, {}])(
    "are refused if they are none: %s",
    async (timeMs) => {
      const room = open(timed([]));
      const setting = wakeAt(room, "first", timeMs as number);
      await expect(setting).rejects.toThrow("wakeAt takes milliseconds since 1970");
      expect(await alarmOf(room)).toBeNull();
    },
  );

  it("may be as late as a Date can be", async () => {
    const log: string[] = [];
    const room = open(timed(log));
    await wakeAt(room, "first", 8.64e15);
    await wakeAt(room, "second", Date.now() + 1);
    await vi.waitFor(() => expect(log).toEqual(["second"]), PATIENCE);
    await vi.waitFor(async () => expect(await alarmOf(room)).toBe(Date.UTC(2180)), PATIENCE);
    await ringAt(room, Date.UTC(2180));
    expect([log, await alarmOf(room)]).toEqual([["second"], Date.UTC(2180)]);
  });

  it("are refused for a capability without onAlarm: the party's own would run", async () => {
    const room = open({ second: () => ({ onAlarm() {} }) });
    const setting = wakeAt(room, "first", Date.now());
    await expect(setting).rejects.toThrow("first: a capability that calls wakeAt has an onAlarm");
  });
});

describeSeamRooms("a capability that throws when it is due", (open) => {
  it("is reported once, runs again later, keeps nothing of its work, and stops no other", async () => {
    const log: string[] = [];
    const errors: unknown[] = [];
    let fails = true;
    const room = open({
      first: (host, party) => ({
        onAlarm(nowMs) {
          party.storage.kv.put("work", "done");
          host.wakeAt(nowMs + 7);
          log.push("first");
          if (fails) throw new Error("a fault");
        },
      }),
      second: () => ({ onAlarm: () => void log.push("second") }),
      onStart: () => void log.push("start"),
      onError: (_party, error, context) => void errors.push([String(error), context]),
    });
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "second", atMs);
    await wakeAt(room, "first", atMs);
    log.length = 0;
    await ringAt(room, atMs);
    expect(log.filter((line) => line !== "start")).toEqual(["first", "second"]);
    expect(errors).toEqual([["Error: a fault", { during: "onAlarm", name: "first" }]]);
    expect(await alarmOf(room)).toBe(atMs + 5_000);
    expect(await runInDurableObject(room.stub, ({ storage }) => storage.kv.get("work"))).toBe(
      undefined,
    );
    // In the same life: it has not been reset.
    expect(log.filter((line) => line === "start").length).toBeLessThanOrEqual(1);
    await room.sleep();
    await ringAt(room, atMs + 5_000);
    expect(await alarmOf(room)).toBe(atMs + 5_000 + 10_000);
    fails = false;
    await ringAt(room, atMs + 15_000);
    expect(await alarmOf(room)).toBe(atMs + 15_007);
    fails = true;
    await ringAt(room, atMs + 15_007);
    expect(await alarmOf(room)).toBe(atMs + 20_007);
    expect(errors).toHaveLength(3);
  });

  it("waits an hour at most", async () => {
    const room = open({
      first: () => ({
        onAlarm() {
          throw new Error("a fault");
        },
      }),
      onError: () => {},
    });
    let atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "first", atMs);
    for (let failures = 0; failures < 12; failures += 1) {
      await ringAt(room, atMs);
      atMs = (await alarmOf(room)) ?? 0;
    }
    const before = atMs;
    await ringAt(room, atMs);
    expect(((await alarmOf(room)) ?? 0) - before).toBe(HOUR_MS);
  });
});

describe("a room with timed capabilities", () => {
  it("in which nothing is due writes no row, and sets no alarm", async () => {
    const room = openSeamRoom("HIBERNATING_SEAM", timed([]));
    const rows = await watchRows(room.stub);
    await wakeAt(room, "first", null);
    await wakeAt(room, "second", null);
    await runDurableObjectAlarm(room.stub);
    expect([rows().written, await alarmOf(room)]).toEqual([0, null]);
  });

  it("writes one row for a time, and none for the same time again", async () => {
    const room = openSeamRoom("HIBERNATING_SEAM", timed([]));
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "first", atMs - 1);
    await runInDurableObject(room.stub, () => scheduler.wait(1));
    const rows = await watchRows(room.stub);
    await wakeAt(room, "first", atMs);
    expect(rows().written).toBe(1);
    await wakeAt(room, "first", atMs);
    expect(rows().written).toBe(0);
  });

  it("forgets the times of a capability that a release has removed", async () => {
    const log: string[] = [];
    const script = timed(log);
    const room = openSeamRoom("HIBERNATING_SEAM", script);
    const atMs = Date.now() + HOUR_MS;
    await wakeAt(room, "first", atMs);
    await runInDurableObject(room.stub, ({ storage }) => {
      storage.sql.exec(`INSERT INTO partyflare_alarms VALUES ('removed', ?, 0)`, atMs);
    });
    delete script.first;
    await room.sleep();
    await ringAt(room, atMs);
    expect([log, await alarmOf(room)]).toEqual([[], null]);
  });

  it("and an onAlarm of its own does not start, and the error names the mistake", async () => {
    const errors: string[] = [];
    const onError = (_party: unknown, error: unknown) => void errors.push(String(error));
    const room = openSeamRoom("SEAM_ALARM", { ...timed([]), onError });
    expect((await room.request()).status).toBe(500);
    expect(errors[0]).toMatch(
      /^TypeError: A capability of this party needs the only alarm: .*onAlarm/,
    );
  });
});

describe("a room without timed capabilities", () => {
  it("has the alarm for itself, and the platform retries its onAlarm", async () => {
    const errors: unknown[] = [];
    const room = openSeamRoom("SEAM_ALARM", {
      onError: (_party, error, context) => void errors.push([String(error), context]),
    });
    const rows = await watchRows(room.stub);
    await runInDurableObject(room.stub, ({ storage }) => storage.setAlarm(Date.now() + HOUR_MS));
    await expect(runDurableObjectAlarm(room.stub)).rejects.toThrow("alarm of the party's own");
    expect(errors).toEqual([["Error: An alarm of the party's own.", { during: "onAlarm" }]]);
    expect(rows().written).toBe(0);
  });
});
