import type { ConnectOptions } from "@partyflare/client";
import { numbersOf } from "./schedule.ts";

/** A client's calls at once, at most. */
const MAX_BURST = 8;

/** The waits of a client that comes back as fast as faults are made. */
export const QUICK: Pick<ConnectOptions, "backoff" | "connectionTimeout" | "minUptime"> = {
  minUptime: 1,
  backoff: { initialMs: 50, maxMs: 300 },
  connectionTimeout: 2_000,
};

/** So many calls in bursts of 1 to 8. The same for the same seed. */
export function burstsOf(seed: number, calls: number): number[] {
  const bursts: number[] = [];
  let left = calls;
  for (const size of numbersOf(seed, calls, 1, MAX_BURST)) {
    if (left === 0) break;
    bursts.push(Math.min(size, left));
    left -= Math.min(size, left);
  }
  return bursts;
}
