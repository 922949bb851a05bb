import { setTimeout as sleep } from "node:timers/promises";
import type { Entrant } from "./entrant.ts";

/** Longer than a window of presence, which is 50 ms: what a quiet room is told leaves at once. */
export const QUIET_MS = 70;

/** Nothing takes so long. */
const PATIENCE_MS = 60_000;

/** How much a process may do, in µs of CPU, that has nothing to do. */
const IDLE_MICROSECONDS = 1_000;

/** Waits until the server does nothing any more, such as after a crowd has been told of itself. */
export async function untilQuiet({ host }: Entrant): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (let before = -Infinity; performance.now() < untilMs;) {
    const now = host.cpuMicroseconds();
    if (now - before < IDLE_MICROSECONDS) return;
    before = now;
    await sleep(2 * QUIET_MS);
  }
  throw new Error("The server does not come to rest.");
}
