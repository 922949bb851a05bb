import { clock } from "./clock";
import { shown } from "./shown";

/** The most times at which one `advance` stops. */
const MAX_STOPS = 20_000;

/** What `advance` needs of each room whose test runs. */
export interface AdvancedRoom {
  /** The time of its alarm, in ms since 1970; null without one. */
  alarmAtMs(): Promise<number | null>;
  /** Runs its alarm. It rejects with an error of `onAlarm`. */
  ring(): Promise<unknown>;
  /** Runs a function in the room. */
  run<Result>(run: () => Result): Promise<Result>;
  settle(): Promise<void>;
}

/**
 * Moves the clock forward. It stops at each timer and alarm on its way, runs it at its time, and
 * waits until the rooms and clients have handled what follows from it.
 *
 * @throws RangeError for a time that is not 0 or more. Error if there is no end of timers.
 */
export async function advance(ms: number, rooms: ReadonlySet<AdvancedRoom>): Promise<void> {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(`advance takes milliseconds, 0 or more, not ${shown(ms)}.`);
  }
  const settle = () => Promise.all(Array.from(rooms, (room) => room.settle()));
  await settle();
  const untilMs = clock.nowMs + ms;
  for (let stops = 0; ; stops += 1) {
    const nextMs = await nextStopMs(rooms, untilMs);
    clock.moveTo(nextMs ?? untilMs);
    if (nextMs === undefined) break;
    if (stops >= MAX_STOPS) {
      throw new Error(`advance(${ms}) did not end: it has run timers ${MAX_STOPS} times.`);
    }
    await runDue(rooms);
    await settle();
  }
  clock.timers.setAgain();
  await Promise.all(Array.from(rooms, (room) => room.run(() => clock.timers.setAgain())));
  await settle();
}

async function nextStopMs(
  rooms: ReadonlySet<AdvancedRoom>,
  untilMs: number,
): Promise<number | undefined> {
  const alarms = await Promise.all(Array.from(rooms, (room) => room.alarmAtMs()));
  const times = alarms.filter((atMs) => atMs !== null);
  const nextMs = Math.min(clock.timers.nextMs ?? Infinity, ...times);
  return nextMs <= untilMs ? nextMs : undefined;
}

/** Runs what is due: the timers of the test and its clients, and the timers and alarms of rooms. */
async function runDue(rooms: ReadonlySet<AdvancedRoom>): Promise<void> {
  clock.timers.runDue();
  for (const room of rooms) {
    await room.run(() => clock.timers.runDue());
    const atMs = await room.alarmAtMs();
    if (atMs !== null && atMs <= clock.nowMs) await room.ring();
  }
  clock.timers.forgetDue();
}
