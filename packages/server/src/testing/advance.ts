import { clock } from "./clock";
import { realNow, tick } from "./patience";
import { shown } from "./shown";

/** What `advance` needs of each room whose test runs. */
export interface AdvancedRoom {
  /** Counts what its clients have given it to handle. */
  readonly activity: number;
  /** The time of its alarm, in ms since 1970; null without one. */
  alarmAtMs(): Promise<number | null>;
  /** Runs its alarm. It rejects with an error of `onAlarm`. */
  ring(): Promise<unknown>;
  /** Runs a function in the room. */
  run<Result>(run: () => Result): Promise<Result>;
  /** Waits until its clients' pings are answered. */
  answered(): Promise<unknown>;
  settle(): Promise<void>;
}

/**
 * Moves the clock forward. It stops at each timer and alarm on its way, runs it at its time, and
 * waits until the rooms and clients have handled what follows from it.
 *
 * @throws RangeError for a time that is not 0 or more. Error if it takes longer than `timeoutMs`.
 */
export async function advance(
  ms: number,
  rooms: ReadonlySet<AdvancedRoom>,
  timeoutMs: number,
): Promise<void> {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(`advance takes milliseconds, 0 or more, not ${shown(ms)}.`);
  }
  const each = <Result>(run: (room: AdvancedRoom) => Promise<Result>) =>
    Promise.all(Array.from(rooms, run));
  const activity = () => Array.from(rooms, (room) => room.activity).join();
  const { timers } = clock;
  const endsAtMs = realNow() + timeoutMs;
  await each((room) => room.settle());
  const untilMs = clock.nowMs + ms;
  let alarmMs = await earliestAlarmMs(rooms);
  for (let stops = 0; ; stops += 1) {
    const nextMs = Math.min(timers.nextMs ?? Infinity, alarmMs);
    clock.moveTo(Math.min(nextMs, untilMs));
    if (nextMs > untilMs) break;
    if (realNow() > endsAtMs) {
      const took = `within ${Math.round(timeoutMs)} ms`;
      throw new Error(
        `advance(${ms}) was not over ${took}: it has stopped for timers ${stops} times.`,
      );
    }
    const before = activity();
    timers.runDue();
    await tick(0);
    await each((room) => room.answered());
    // Most stops are heartbeats of clients, which the platform answers.
    if (!timers.areDue(nextMs) && alarmMs > clock.nowMs && before === activity()) continue;
    for (const room of rooms) await runDue(room);
    timers.forgetDue(nextMs);
    await each((room) => room.settle());
    alarmMs = await earliestAlarmMs(rooms);
  }
  timers.setAgain();
  await each((room) => room.run(() => timers.setAgain()));
  await each((room) => room.settle());
}

async function earliestAlarmMs(rooms: ReadonlySet<AdvancedRoom>): Promise<number> {
  const alarms = await Promise.all(Array.from(rooms, (room) => room.alarmAtMs()));
  return Math.min(...alarms.map((atMs) => atMs ?? Infinity));
}

/** Runs the timers and the alarm of a room that are due. */
async function runDue(room: AdvancedRoom): Promise<void> {
  await room.run(() => clock.timers.runDue());
  const atMs = await room.alarmAtMs();
  if (atMs !== null && atMs <= clock.nowMs) await room.ring();
}
