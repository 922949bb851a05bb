/** HTML, timers: a timeout is a signed 32-bit number. A longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Options of the exponential backoff, which is the random wait between two attempts to connect. */
export interface BackoffOptions {
  /** The upper bound of the wait after the first failure, in ms. Default: 1,000. */
  initialMs?: number | undefined;
  /** The largest upper bound, in ms. Default: 30,000. */
  maxMs?: number | undefined;
  /** The growth of the upper bound with each failure. Default: 2. */
  factor?: number | undefined;
}

/**
 * Returns the wait before an attempt to connect: a random time between 0 and an upper bound. After
 * a deploy, every client loses its connection at the same moment; the random wait spreads their
 * attempts. The default bounds are 1, 2, 4, 8, 16 and then 30 seconds.
 *
 * @param failures the number of failed attempts in a row: 1 or more.
 * @param random 0 ≤ number < 1, as `Math.random` returns.
 * @returns milliseconds.
 */
export function backoffMs(
  failures: number,
  { initialMs = 1_000, maxMs = 30_000, factor = 2 }: BackoffOptions,
  random: () => number,
): number {
  // Without a bound on the growth, a window of 0 ms times Infinity would be NaN.
  const growth = Math.min(factor ** (failures - 1), Number.MAX_VALUE);
  return random() * Math.min(initialMs * growth, maxMs);
}
