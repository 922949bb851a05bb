import { setTimeout as sleep } from "node:timers/promises";
import type { Entrant } from "../entrant.ts";

/** The one room of all. */
const ROOM = "room";

/** Longer than a window of presence, which is 50 ms: what a quiet room is told leaves at once. */
export const QUIET_MS = 70;

/** Nothing takes so long. */
const PATIENCE_MS = 60_000;

/** How much a process may do, in µs of CPU, that has nothing to do. */
const IDLE_MICROSECONDS = 1_000;

/** Waits until the server does nothing any more: a crowd has been told of itself. */
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

/** The room of each of so many people. */
export function roomsOf(people: number): string[] {
  return Array.from({ length: people }, () => ROOM);
}

/** What somebody shares, as a frame. */
export function shareText(set: object, n: number): string {
  return JSON.stringify(["$presence", { set, n }]);
}

/** Everyone shares something for the first time, and everyone is told. */
export async function shareAll(entrant: Entrant, people: number): Promise<void> {
  const texts = [shareText({ cursor: null, typing: false }, 0)];
  const from = Array.from({ length: people }, (_, index) => index);
  await entrant.exchange({ from, texts, answers: people });
  await untilQuiet(entrant);
}
