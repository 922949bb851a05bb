import { testInWorkerd } from "../harness/in-workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

/** Of sleeps, and of resets of each kind, in one go: the test runtime slows down with every reset. */
const AT_ONCE = 100;

const ROUNDS = { ci: 1, long: 5, planted: 1 };

/**
 * Rooms sleep at random points of a conversation, and are reset: in workerd, under vitest, which
 * can do both on command. See `in-workerd/`. Always the library as it is shipped.
 */
export async function lives({ seed, scale }: RunContext): Promise<RunResult> {
  const rounds = ROUNDS[scale];
  let tests = 0;
  for (let round = 0; round < rounds; round += 1) {
    tests += await testInWorkerd(["hibernation", "reset"], { seed: seed + round, count: AT_ONCE });
  }
  const count = rounds * AT_ONCE;
  return { counts: { sleeps: count, "resets of each kind": count, tests } };
}
