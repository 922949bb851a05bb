/** How the wait between two attempts to connect grows. All in milliseconds but the growth. */
export interface BackoffWindows {
  /** The longest wait before the first attempt after a failure. */
  firstMs: number;
  /** What no wait is ever longer than. */
  longestMs: number;
  /** By how much each window is longer than the one before. */
  growth: number;
}

/** Waits of up to 1, 2, 4, 8, 16 and then 30 seconds. */
export const DEFAULT_WINDOWS: Readonly<BackoffWindows> = {
  firstMs: 1_000,
  longestMs: 30_000,
  growth: 2,
};

/**
 * How long to wait before an attempt to connect: any time within its window, each as likely.
 * After a deploy every client loses its connection at the same moment, and only chance keeps them
 * from all coming back at the same moment too.
 *
 * @param attempt 0 is a first attempt, which waits for nothing; 1 the one after a failure.
 * @param random 0 ≤ number < 1, as `Math.random` gives it.
 * @returns milliseconds.
 */
export function backoffMs(
  attempt: number,
  { firstMs, longestMs, growth }: BackoffWindows,
  random: () => number,
): number {
  if (attempt <= 0) return 0;
  // Without a bound on the factor, a window of 0 ms times Infinity would be NaN.
  const factor = Math.min(growth ** (attempt - 1), Number.MAX_VALUE);
  return random() * Math.min(firstMs * factor, longestMs);
}
