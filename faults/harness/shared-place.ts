import { setTimeout as sleep } from "node:timers/promises";
import { type BoardReport, boardVariantOf } from "../worker/shared-report.ts";
import { check } from "./check.ts";
import { reportOf, type RoomPlace } from "./room-place.ts";
import type { BoardTabRecord } from "./shared-messages.ts";
import { boardMistakesOf, lastingBoardMistakesOf } from "./shared-model.ts";
import type { Workerd } from "./workerd.ts";

/** Between two looks at a room, in ms. */
const LOOK_EVERY_MS = 40;

/**
 * Waits until a room with shared state and its tabs agree, at rest.
 *
 * @param recordsOf returns what the tabs show now.
 * @throws Error if they do not within a time; at once for what no rest can mend.
 */
export async function boardAgreed(
  workerd: Workerd,
  place: RoomPlace,
  withinMs: number,
  recordsOf: () => Promise<readonly BoardTabRecord[]>,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const mistakes = await mistakesIn(workerd, place, recordsOf);
    if (mistakes.length === 0) return;
    if (performance.now() > deadlineMs) throw new Error(mistakes.slice(0, 5).join("; "));
    await sleep(LOOK_EVERY_MS);
  }
}

/** What is not as it should be (yet). */
async function mistakesIn(
  workerd: Workerd,
  place: RoomPlace,
  recordsOf: () => Promise<readonly BoardTabRecord[]>,
): Promise<string[]> {
  let report: BoardReport;
  try {
    report = await reportOf<BoardReport>(workerd, place);
  } catch (error) {
    // A room that has just been reset may refuse the first request.
    return [String(error)];
  }
  const records = await recordsOf();
  const lasting = lastingBoardMistakesOf(report, records);
  check(lasting.length === 0, lasting.slice(0, 5).join("; "));
  return boardMistakesOf(boardVariantOf(place.room), report, records);
}
