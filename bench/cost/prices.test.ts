import { describe, expect, test } from "vitest";
import { bill, NO_USAGE, sum, times, type Usage } from "./prices.ts";

const MILLION = 1_000_000;
const SECONDS_A_DAY = 24 * 60 * 60;

function usage(part: Partial<Usage>): Usage {
  return { ...NO_USAGE, ...part };
}

describe("what usage costs", () => {
  test.each([
    ["a million requests", { requests: MILLION }, 0.15],
    ["20 million received messages: a million requests", { messages: 20 * MILLION }, 0.15],
    ["a million rows read", { rowsRead: MILLION }, 0.001],
    ["a million rows written", { rowsWritten: MILLION }, 1],
    ["a million GB-s, of 128 MB each second", { seconds: MILLION / 0.128 }, 12.5],
    ["nothing", {}, 0],
  ])("%s", (_, part, dollars) => {
    expect(bill(usage(part)).dollars).toBeCloseTo(dollars, 10);
  });

  test("all of it together", () => {
    const { requests, rowsRead, rowsWritten, gigabyteSeconds, dollars } = bill({
      requests: 100,
      messages: 9_600,
      rowsRead: 2_000,
      rowsWritten: 9_600,
      seconds: 10,
    });
    expect({ requests, rowsRead, rowsWritten }).toEqual({
      requests: 100 + 480,
      rowsRead: 2_000,
      rowsWritten: 9_600,
    });
    expect(gigabyteSeconds).toBeCloseTo(1.28, 10);
    expect(dollars).toBeCloseTo(0.000_087 + 0.000_002 + 0.009_6 + 0.000_016, 10);
  });

  // Before what is included, as the pricing page reckons it.
  test("a received message is a twentieth of a request, and not rounded up", () => {
    expect(bill(usage({ messages: 100 })).requests).toBe(5);
    expect(bill(usage({ messages: 1 })).requests).toBe(0.05);
  });

  test("the pricing page's example 2: 100 rooms of 50 that stay in memory for 8 hours", () => {
    const room = times(
      usage({ requests: 50, messages: 50 * 60 * 8, seconds: SECONDS_A_DAY / 3 }),
      30,
    );
    const { requests, gigabyteSeconds } = bill(times(room, 100));
    expect(requests).toBeCloseTo(3_750_000, 4);
    expect(gigabyteSeconds).toBeCloseTo(11_059_200, 4);
  });

  test("the pricing page's example 4: 100 hibernating rooms, awake a second a minute", () => {
    const room = times(usage({ messages: 100 * 60 * 24, seconds: SECONDS_A_DAY / 60 }), 30);
    const { requests, gigabyteSeconds } = bill(
      sum([times(room, 100), usage({ requests: 10_000 })]),
    );
    expect(requests).toBeCloseTo(21_610_000, 4);
    expect(gigabyteSeconds).toBeCloseTo(552_960, 4);
  });
});

describe("usage", () => {
  test("adds up", () => {
    expect(sum([])).toEqual(NO_USAGE);
    expect(sum([usage({ requests: 1, rowsRead: 2 }), usage({ rowsRead: 3, seconds: 4 })])).toEqual(
      usage({ requests: 1, rowsRead: 5, seconds: 4 }),
    );
  });

  test("is taken times as often", () => {
    expect(times(usage({ messages: 3, rowsWritten: 2 }), 2.5)).toEqual(
      usage({ messages: 7.5, rowsWritten: 5 }),
    );
  });
});
