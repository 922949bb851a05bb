import { expect, test } from "vitest";
import { countedUsage, dayOf, wakesOf } from "./day.ts";
import { NO_USAGE } from "./prices.ts";

const COUNTS = { requests: 1, messages: 20, rowsRead: 4, rowsWritten: 2, heldMs: 30 };

test("a hibernating room is billed for the time it works, and in which a timer holds it", () => {
  const usage = countedUsage({ ...COUNTS, cpuMicroseconds: 500_000, wallMs: 2_000 }, true);
  expect(usage).toEqual({ requests: 1, messages: 20, rowsRead: 4, rowsWritten: 2, seconds: 0.53 });
});

test("no more than all the time that has passed is billed", () => {
  const work = { ...COUNTS, heldMs: 900, cpuMicroseconds: 500_000, wallMs: 1_000 };
  expect(countedUsage(work, true).seconds).toBe(1);
});

test("what a room does that stays in memory adds no time to that", () => {
  const usage = countedUsage({ ...COUNTS, cpuMicroseconds: 500_000, wallMs: 2_000 }, false);
  expect(usage.seconds).toBe(0);
});

test("a day is what is done in it, as often as it is done", () => {
  const say = { ...NO_USAGE, messages: 20, rowsWritten: 20, seconds: 0.02 };
  const join = { ...NO_USAGE, requests: 10, rowsRead: 200, seconds: 0.01 };
  const done = [
    { usage: say, done: 20, timesADay: 9_600 },
    { usage: join, done: 10, timesADay: 100 },
  ];
  const day = dayOf(done, { openHours: 8, hibernates: true });
  expect(day).toMatchObject({
    messages: 9_600,
    rowsWritten: 9_600,
    requests: 100,
    rowsRead: 2_000,
  });
  expect(day.seconds).toBeCloseTo(9.6 + 0.1, 10);
});

test("a room that stays in memory is billed as long as anyone is connected", () => {
  const day = dayOf([], { openHours: 8, hibernates: false });
  expect(day.seconds).toBe(8 * 60 * 60);
});

test("a room wakes for a message that follows more than 10 s after the one before", () => {
  expect(wakesOf({ messages: 9_600, hours: 8 })).toBeCloseTo(9_600 * Math.exp(-10 / 3), 6);
  // One a second: it hardly ever sleeps. One an hour: it always does.
  expect(wakesOf({ messages: 28_800, hours: 8 })).toBeLessThan(2);
  expect(wakesOf({ messages: 8, hours: 8 })).toBeGreaterThan(7.9);
});
