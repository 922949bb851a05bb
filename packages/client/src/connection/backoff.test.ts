import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff";

/** The window's far end, as far as a random number below 1 reaches. */
const longest = (failures: number) => Math.round(backoffMs(failures, {}, () => 1 - 2e-16));

describe("the wait before an attempt", () => {
  it("has windows of 1 s, doubling to 30 s", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000_000].map(longest)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("is spread over the whole window, from its very beginning", () => {
    const waits = [0, 0.25, 0.5, 0.75].map((chance) => backoffMs(2, {}, () => chance));
    expect(waits).toEqual([0, 500, 1_000, 1_500]);
  });

  it("is within its window, whatever the options", () => {
    const sizes = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.record({
          initialMs: sizes,
          maxMs: sizes,
          factor: fc.double({ min: 0, max: 100, noNaN: true }),
        }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, windows, chance) => {
          const waitMs = backoffMs(failures, windows, () => chance);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(windows.maxMs);
        },
      ),
    );
  });
});
