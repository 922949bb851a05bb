import { readdirSync, readFileSync } from "node:fs";

/** Linux, `sched(7)`: the first of a thread's `schedstat` is its time on a CPU, in nanoseconds. */
const NANOSECONDS_IN_A_MICROSECOND = 1_000;

/** Whether this system tells what a process uses. */
export const IS_USAGE_KNOWN = process.platform === "linux";

/** The memory that a process has at the moment, in bytes; undefined on other systems than Linux. */
export function residentBytes(pid: number): number | undefined {
  if (!IS_USAGE_KNOWN) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

/**
 * The time on a CPU, user's and system's, that the threads of a process have had so far, in
 * microseconds; undefined on other systems than Linux.
 *
 * Read thread by thread, since `/proc/<pid>/stat` counts in ticks of 10 ms. A thread that has ended
 * counts no more, and one that runs at the moment is up to a tick behind: ask when it is idle.
 */
export function cpuMicroseconds(pid: number): number | undefined {
  if (!IS_USAGE_KNOWN) return undefined;
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / NANOSECONDS_IN_A_MICROSECOND;
}
