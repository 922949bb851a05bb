import { onTestFinished, vi } from "vitest";

/** A clock that a test moves. */
export interface StoppedClock {
  atMs: number;
}

/**
 * Stops `Date.now` until the test moves it, or ends. Timers go on in real time.
 *
 * Vitest's fake `Date` does not stand still: `vi.waitFor` moves it on each time it looks, and so more
 * often on a busy machine.
 */
export function stopClock(atMs = Date.now()): StoppedClock {
  const clock = { atMs };
  const now = vi.spyOn(Date, "now").mockImplementation(() => clock.atMs);
  onTestFinished(() => now.mockRestore());
  return clock;
}
