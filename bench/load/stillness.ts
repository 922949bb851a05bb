import { cpuMicroseconds } from "@partyflare/harness/process-usage";

/**
 * Between two looks at the server. Longer than a tick of the kernel, which is how late the time of
 * a running thread may be, and two of them longer than the window of a batch.
 */
const LOOK_EVERY_MS = 12;

/** Looks in a row that find nothing done. */
const STILL_LOOKS = 2;

/** Nothing takes so long. */
const PATIENCE_MS = 60_000;

const CELL = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/**
 * Stops this whole process until another one has nothing left to do: no reader wakes up, and the
 * server has the machine to itself.
 *
 * @returns the time on a CPU that the other has had meanwhile, in microseconds.
 */
export function sleepUntilStill(pid: number, start: () => void): number {
  const before = usageOf(pid);
  start();
  let last = before;
  let stillLooks = 0;
  for (let waitedMs = 0; stillLooks < STILL_LOOKS; waitedMs += LOOK_EVERY_MS) {
    if (waitedMs > PATIENCE_MS) throw new Error("The server does not come to rest.");
    Atomics.wait(CELL, 0, 0, LOOK_EVERY_MS);
    const now = usageOf(pid);
    stillLooks = now === last && now !== before ? stillLooks + 1 : 0;
    last = now;
  }
  return last - before;
}

function usageOf(pid: number): number {
  const usage = cpuMicroseconds(pid);
  if (usage === undefined) throw new Error("Only Linux tells what a process uses.");
  return usage;
}
