/** HTML, timers: a timeout is a signed 32-bit number, and a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How the wait between two attempts to connect grows. */
export interface BackoffOptions {
  /** The longest wait before the first attempt after a failure, in ms. Default: 1,000. */
  initialMs?: number | undefined;
  /** The longest wait of all, in ms. Default: 30,000. */
  maxMs?: number | undefined;
  /** By how much the longest wait grows with each attempt. Default: 2. */
  factor?: number | undefined;
}

/**
 * How long to wait before an attempt to connect: any time within its window, each as likely.
 * After a deploy every client loses its connection at the same moment; the random wait spreads
 * their attempts. The default windows are 1, 2, 4, 8, 16 and then 30 seconds.
 *
 * @param failures how many attempts have failed in a row: 1 or more.
 * @param random 0 ≤ number < 1, as `Math.random` gives it.
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
