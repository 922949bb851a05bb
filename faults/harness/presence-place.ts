import { setTimeout as sleep } from "node:timers/promises";
import type { PresenceReport } from "../worker/presence-report.ts";
import { check } from "./check.ts";
import type { PresenceTabRecord } from "./presence-messages.ts";
import { ghostsOf, lastingMistakesOf, presenceMistakesOf } from "./presence-model.ts";
import { reportOf, type RoomPlace } from "./room-place.ts";
import type { Workerd } from "./workerd.ts";

/** Between two looks at a room, in ms. It does not sleep meanwhile. */
const LOOK_EVERY_MS = 50;

/** More than this between two answers of a room does not count as time in which it was awake. */
const MAX_AWAKE_MS = 250;

/**
 * How late a room may be, in ms. It looks for dead connections once a second at most, and then
 * ends the grace period with a timer.
 */
const GHOST_SLACK_MS = 2_500;

/**
 * Waits until a room and its tabs agree, at rest.
 *
 * @param recordsOf returns what the tabs show now.
 * @throws Error if they do not within a time; at once for what no rest can mend, and for a ghost
 *   that is older than the grace period and `deadAfterMs` of time in which the room was awake.
 */
export async function agreed(
  workerd: Workerd,
  place: RoomPlace,
  withinMs: number,
  recordsOf: () => Promise<readonly PresenceTabRecord[]>,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  const ages = new Map<string, number>();
  let lookedAtMs = performance.now();
  for (;;) {
    const report = await reportOf<PresenceReport>(workerd, place);
    const nowMs = performance.now();
    const records = await recordsOf();
    const lasting = lastingMistakesOf(report, records);
    check(lasting.length === 0, lasting.slice(0, 5).join("; "));
    const awakeMs = Math.min(nowMs - lookedAtMs, MAX_AWAKE_MS);
    lookedAtMs = nowMs;
    const ghosts = ghostsOf(report, records);
    for (const known of ages.keys()) if (!ghosts.includes(known)) ages.delete(known);
    for (const ghost of ghosts) {
      const ageMs = (ages.get(ghost) ?? -awakeMs) + awakeMs;
      ages.set(ghost, ageMs);
      const limitMs = report.graceMs + report.deadAfterMs + GHOST_SLACK_MS;
      check(ageMs <= limitMs, `${ghost} is a ghost, since ${Math.round(ageMs)} ms`);
    }
    const mistakes = presenceMistakesOf(report, records);
    if (mistakes.length === 0) return;
    if (nowMs > deadlineMs) throw new Error(mistakes.slice(0, 5).join("; "));
    await sleep(LOOK_EVERY_MS);
  }
}
