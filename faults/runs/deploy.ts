import { testInWorkerd } from "../harness/in-workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

const DEPLOYS = { ci: 20, long: 200, planted: 20 };

/**
 * A room sleeps under open connections and wakes on another build of its Worker, back and forth: in
 * workerd, under vitest, which can put a room to sleep on command. See `in-workerd/deploy.test.ts`.
 * One build has the library as it is shipped, the other as its source has it.
 */
export async function deploy({ seed, scale }: RunContext): Promise<RunResult> {
  const count = DEPLOYS[scale];
  const tests = await testInWorkerd(["deploy"], { seed, count });
  return { counts: { deploys: count, tests } };
}
