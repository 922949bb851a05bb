import { NO_USAGE, sum, times, type Usage } from "./prices.ts";

/** What a Worker has counted of its rooms. */
export interface Counts {
  readonly requests: number;
  readonly messages: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** While a timer was set, which keeps a room from hibernating. */
  readonly heldMs: number;
}

/** What came of something that was done, in counts and in time. */
export interface Work extends Counts {
  /** Of the server's process. */
  readonly cpuMicroseconds: number;
  readonly wallMs: number;
}

/** Something that was done so many times in a run, and is done so many times a day. */
export interface Done {
  readonly usage: Usage;
  readonly done: number;
  readonly timesADay: number;
}

/** How a day's time is billed. */
export interface Opening {
  /** Hours a day in which anyone is connected. */
  readonly openHours: number;
  readonly hibernates: boolean;
}

const SECONDS_AN_HOUR = 3_600;

/** An object hibernates that has been idle for so long. */
const SLEEPS_AFTER_SECONDS = 10;

/**
 * What work is billed for. Where the room hibernates, its time is the CPU's and a timer's, and no
 * longer than it has taken in all; a room that stays in memory is billed by the hour: see `dayOf`.
 */
export function countedUsage(work: Work, hibernates: boolean): Usage {
  const { requests, messages, rowsRead, rowsWritten, heldMs, cpuMicroseconds, wallMs } = work;
  const busyMs = Math.min(wallMs, cpuMicroseconds / 1_000 + heldMs);
  const seconds = hibernates ? busyMs / 1_000 : 0;
  return { requests, messages, rowsRead, rowsWritten, seconds };
}

/** What a room is billed for a day. */
export function dayOf(all: readonly Done[], { openHours, hibernates }: Opening): Usage {
  const inMemory = { ...NO_USAGE, seconds: hibernates ? 0 : openHours * SECONDS_AN_HOUR };
  return sum([
    inMemory,
    ...all.map(({ usage, done, timesADay }) => times(usage, timesADay / done)),
  ]);
}

/** How many of the messages wake a room that hibernates, where people write as they please: by Poisson. */
export function wakesOf({ messages, hours }: { messages: number; hours: number }): number {
  const aSecond = messages / (hours * SECONDS_AN_HOUR);
  return messages * Math.exp(-SLEEPS_AFTER_SECONDS * aSecond);
}
