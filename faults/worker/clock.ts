import { env } from "cloudflare:workers";

const realTime = Date.now;
const shiftMs = Number((env as { CLOCK_SHIFT_MS?: string }).CLOCK_SHIFT_MS ?? 0);
let stoppedAtMs: number | undefined;

/** By what the library and the rooms go: a clock that may be wrong, or stand still. */
Date.now = () => stoppedAtMs ?? realTime() + shiftMs;

/** Stops the clock of this process at a time, in milliseconds since 1970. */
export function stopClock(atMs: number): void {
  stoppedAtMs = atMs;
}
