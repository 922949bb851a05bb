import { readdirSync, readFileSync } from "node:fs";

/**
 * Linux, `sched(7)`: the first number of a thread's `schedstat` is its CPU time, in nanoseconds.
 */
const NANOSECONDS_IN_A_MICROSECOND = 1_000;

/** Whether this system reports a process's usage. */
export const IS_USAGE_KNOWN = process.platform === "linux";

/** Returns a process's memory, in bytes; undefined on systems other than Linux. */
export function residentBytes(pid: number): number | undefined {
  if (!IS_USAGE_KNOWN) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

/**
 * Returns the CPU time of a process's threads so far, user and system, in microseconds; undefined
 * on systems other than Linux.
 *
 * It reads thread by thread, because `/proc/<pid>/stat` counts in ticks of 10 ms. Threads that have
 * ended are not counted. A running thread is up to a tick behind, so measure when the process is
 * idle.
 */
export function cpuMicroseconds(pid: number): number | undefined {
  if (!IS_USAGE_KNOWN) return undefined;
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / NANOSECONDS_IN_A_MICROSECOND;
}
