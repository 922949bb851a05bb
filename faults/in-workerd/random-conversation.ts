import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { IDS, type Step, TAGS } from "./conversation.ts";

/** How many faults there are to be. */
export const COUNT = Number(env.FAULTS_COUNT);

const client = fc.nat(IDS.length - 1);
const tag = fc.nat(TAGS.length - 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), client }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("confirm" as const), client }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tag" as const), client, tag }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), client }) },
);

/** What is said before each of `COUNT` faults. The same for the same seed. */
export function randomConversation(): Step[][] {
  const between = fc.array(step, { minLength: 0, maxLength: 5 });
  const all = fc.array(between, { minLength: COUNT, maxLength: COUNT, size: "max" });
  return fc.sample(fc.noBias(all), { seed: Number(env.FAULTS_SEED), numRuns: 1 })[0] ?? [];
}
