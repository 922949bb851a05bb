import { setTimeout as sleep } from "node:timers/promises";

/**
 * How long a unit test and a hook may take, in ms. No test has less: beside other work, a test that
 * takes seconds can take a minute.
 */
export const PATIENCE = { testTimeout: 300_000, hookTimeout: 300_000 };

/** The time between two checks of a condition, in ms. */
const LOOK_EVERY_MS = 20;

/**
 * Polls until a function returns a value.
 *
 * @param look returns undefined or throws until the value is there.
 * @throws Error that names the missing value, with the last error as its `cause`.
 */
export async function eventually<Found>(
  what: string,
  withinMs: number,
  look: () => Found | undefined | Promise<Found | undefined>,
): Promise<Found> {
  const deadlineMs = performance.now() + withinMs;
  let cause: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(LOOK_EVERY_MS);
  }
  const last = cause instanceof Error ? `: ${cause.message}` : "";
  throw new Error(`Not within ${withinMs} ms: ${what}${last}`, { cause });
}
