import { readFile } from "node:fs/promises";
import { CONNECTION_FAULTS } from "./planted/connections.ts";
import { LAW_FAULTS } from "./planted/laws.ts";
import { PRESENCE_FAULTS } from "./planted/presence.ts";
import { SHARED_STATE_FAULTS } from "./planted/shared-state.ts";
import type { RunContext, RunFunction, RunResult } from "./runs/run.ts";

const FAULTS = [...CONNECTION_FAULTS, ...LAW_FAULTS, ...PRESENCE_FAULTS, ...SHARED_STATE_FAULTS];

/** A small run plants one mistake in so many, another choice with each seed. */
const ONE_IN = 18;

/**
 * Checks the runs themselves: mistakes of those above are planted into the library's source, and the
 * run that is there to find each must fail. First the same runs pass on the source as it is: or
 * their failures would prove nothing.
 */
export async function planted({ seed, scale: asked }: RunContext): Promise<RunResult> {
  const scale = "planted";
  await checkLines();
  const faults =
    asked === "long" ? FAULTS : FAULTS.filter((_, index) => (index + seed) % ONE_IN === 0);
  for (const run of new Set(faults.map((fault) => fault.run))) {
    await run({ seed, scale, library: { patches: [] } });
  }
  for (const { name, run, seenAs, also = [], ...patch } of faults) {
    const context = { scale, library: { patches: [patch, ...also] } } as const;
    let failure: string | undefined;
    // On a busy machine, no fault may fall into the moment that shows the mistake.
    for (let attempt = 0; attempt < 3 && failure === undefined; attempt += 1) {
      failure = await failureOf(run, { ...context, seed: seed + attempt });
    }
    if (failure === undefined) throw new Error(`Nobody has noticed the fault "${name}".`);
    if (!seenAs.test(failure)) {
      throw new Error(`The fault "${name}" was planted, and seen as something else: ${failure}`);
    }
  }
  return { counts: { "faults planted": faults.length, "faults found": faults.length } };
}

/** The line of each mistake has to be there, also of those that are not planted this time. */
export async function checkLines(): Promise<void> {
  for (const { name, also = [], ...patch } of FAULTS) {
    for (const { file, find } of [patch, ...also]) {
      const text = await readFile(new URL(`../${file}`, import.meta.url), "utf8");
      if (!text.includes(find))
        throw new Error(`The line of the fault "${name}" is not in ${file}.`);
    }
  }
}

async function failureOf(run: RunFunction, context: RunContext): Promise<string | undefined> {
  try {
    await run(context);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
