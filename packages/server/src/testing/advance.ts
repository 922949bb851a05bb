import { clock } from "./clock";
import { Deadline, tick, type WaitOptions, within } from "./patience";
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
  answered(options: WaitOptions): Promise<unknown>;
  settle(options: WaitOptions): Promise<void>;
}

/** What ends a move before its time. */
interface Limits {
  /** How long it may take. */
  readonly timeoutMs: number;
  /** Throws if the test that has asked for it is over. */
  readonly checkIsOpen: () => void;
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
  { timeoutMs, checkIsOpen }: Limits,
): Promise<void> {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(`advance takes milliseconds, 0 or more, not ${shown(ms)}.`);
  }
  const progress: Progress = { stops: 0, waitsForAlarm: false };
  const failure = () => {
    const what = progress.waitsForAlarm
      ? "it waits for an alarm"
      : `it has stopped for timers ${progress.stops} times`;
    return `advance(${ms}) was not over within ${deadline.ms} ms: ${what}.`;
  };
  const deadline = new Deadline(timeoutMs);
  const checkGoesOn = () => {
    checkIsOpen();
    if (deadline.leftMs === 0) throw new Error(failure());
  };
  await within(move(ms, rooms, progress, { deadline, checkGoesOn }), timeoutMs, failure);
}

/** How far a move has come. */
interface Progress {
  stops: number;
  waitsForAlarm: boolean;
}

/** @param end `checkGoesOn` throws if the move is over: it may have waited for long. */
async function move(
  ms: number,
  rooms: ReadonlySet<AdvancedRoom>,
  progress: Progress,
  { deadline, checkGoesOn }: { readonly deadline: Deadline; readonly checkGoesOn: () => void },
): Promise<void> {
  const each = <Result>(run: (room: AdvancedRoom) => Promise<Result>) =>
    Promise.all(Array.from(rooms, run));
  const activity = () => Array.from(rooms, (room) => room.activity).join();
  const { timers } = clock;
  await each((room) => room.settle(deadline.waits));
  const untilMs = clock.nowMs + ms;
  let alarmMs = await earliestAlarmMs(rooms);
  for (; ; progress.stops += 1) {
    checkGoesOn();
    const nextMs = Math.min(timers.nextMs ?? Infinity, alarmMs);
    clock.moveTo(Math.min(nextMs, untilMs));
    if (nextMs > untilMs) break;
    const before = activity();
    timers.runDue();
    await tick(0);
    await each((room) => room.answered(deadline.waits));
    // Most stops are heartbeats of clients, which the platform answers.
    if (!timers.areDue(nextMs) && alarmMs > clock.nowMs && before === activity()) continue;
    for (const room of rooms) await runDue(room, progress);
    timers.forgetDue(nextMs);
    await each((room) => room.settle(deadline.waits));
    alarmMs = await earliestAlarmMs(rooms);
  }
  timers.setAgain();
  await each((room) => room.run(() => timers.setAgain()));
  await each((room) => room.settle(deadline.waits));
}

async function earliestAlarmMs(rooms: ReadonlySet<AdvancedRoom>): Promise<number> {
  const alarms = await Promise.all(Array.from(rooms, (room) => room.alarmAtMs()));
  return Math.min(...alarms.map((atMs) => atMs ?? Infinity));
}

/** Runs the timers and the alarm of a room that are due. */
async function runDue(room: AdvancedRoom, progress: Progress): Promise<void> {
  await room.run(() => clock.timers.runDue());
  const atMs = await room.alarmAtMs();
  if (atMs === null || atMs > clock.nowMs) return;
  progress.waitsForAlarm = true;
  await room.ring();
  progress.waitsForAlarm = false;
}
