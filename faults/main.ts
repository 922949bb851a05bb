// Makes faults and looks at what is left. `pnpm test:faults`; see README.md.
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkLines, planted } from "./planted.ts";
import { clocks } from "./runs/clocks.ts";
import { delivery } from "./runs/delivery.ts";
import { deliveryNetwork } from "./runs/delivery-network.ts";
import { deploy } from "./runs/deploy.ts";
import { flood } from "./runs/flood.ts";
import { halfOpen } from "./runs/half-open.ts";
import { hooks } from "./runs/hooks.ts";
import { idle } from "./runs/idle.ts";
import { kill } from "./runs/kill.ts";
import { lateAttempt } from "./runs/late-attempt.ts";
import { lives } from "./runs/lives.ts";
import { network } from "./runs/network.ts";
import { presence } from "./runs/presence.ts";
import { racers } from "./runs/racers.ts";
import { refused } from "./runs/refused.ts";
import type { RunFunction, RunResult, Scale } from "./runs/run.ts";
import { sharedState } from "./runs/shared-state.ts";
import { slowReader } from "./runs/slow-reader.ts";
import { storage } from "./runs/storage.ts";
import { storm } from "./runs/storm.ts";
import { vanish } from "./runs/vanish.ts";
import { eventWindow } from "./runs/window.ts";

const RUNS: Record<string, RunFunction> = {
  lives,
  kill,
  network,
  storm,
  "slow-reader": slowReader,
  flood,
  racers,
  vanish,
  idle,
  refused,
  "half-open": halfOpen,
  "late-attempt": lateAttempt,
  delivery,
  "delivery-network": deliveryNetwork,
  window: eventWindow,
  storage,
  clocks,
  hooks,
  presence,
  "shared-state": sharedState,
  deploy,
  planted,
};

/** They wait for nearly all of their time, and do so beside the others where all are run. */
const WAITING = new Set(["vanish", "idle", "refused", "half-open"]);

/** They take a few seconds each, and are part of `pnpm test`. */
const SHORT = new Set(["network", "flood", "racers", "late-attempt", "delivery", "clocks"]);

/** What may be run without naming it. */
const KINDS: Record<string, (name: string) => boolean> = {
  all: () => true,
  short: (name) => SHORT.has(name),
  waiting: (name) => WAITING.has(name),
  working: (name) => !WAITING.has(name),
};

const RESULTS = fileURLToPath(new URL("../.results", import.meta.url));

/** What is written down of a run. */
interface Outcome extends Partial<RunResult> {
  name: string;
  seed: number;
  result: "passed" | "failed" | "skipped";
  seconds: number;
  error?: string;
}

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "all" },
    long: { type: "boolean", default: false },
    report: { type: "string", default: "faults.json" },
    run: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) },
    source: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed) % 2 ** 31;
const scale: Scale = values.long ? "long" : "ci";
const outcomes: Outcome[] = [];

console.log(`Faults with --seed=${seed}${values.long ? " --long" : ""}`);
const runs = chosenRuns();
// It costs nothing, and a mistake that cannot be planted is seen in every run.
await checkLines();
const isBeside = ([name]: [string, RunFunction]) => values.run.length === 0 && WAITING.has(name);
const beside = runs.filter(isBeside).map(perform);
for (const each of runs) {
  // oxlint-disable-next-line no-await-in-loop -- one after the other: they load the machine
  if (!isBeside(each)) await perform(each);
}
await Promise.all(beside);
await write();
const numberOf = (result: Outcome["result"]) =>
  outcomes.filter((outcome) => outcome.result === result).length;
const skipped = numberOf("skipped") > 0 ? `, ${numberOf("skipped")} skipped` : "";
console.log(`\n${numberOf("passed")} passed, ${numberOf("failed")} failed${skipped}`);
process.exit(numberOf("failed") > 0 ? 1 : 0);

function chosenRuns(): [string, RunFunction][] {
  if (values.run.length === 0) {
    const isChosen = KINDS[values.kind];
    if (!isChosen) throw new Error(`There is no kind "${values.kind}".`);
    return Object.entries(RUNS).filter(([name]) => isChosen(name));
  }
  return values.run.map((name) => {
    const run = RUNS[name];
    if (!run)
      throw new Error(`There is no run "${name}": there is ${Object.keys(RUNS).join(", ")}.`);
    return [name, run];
  });
}

async function perform([name, run]: [string, RunFunction]): Promise<void> {
  const outcome = await outcomeOf(name, run);
  outcomes.push(outcome);
  console.log(`\n▸ ${name}\n${textOf(outcome)}`);
}

async function outcomeOf(name: string, run: RunFunction): Promise<Outcome> {
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 100) / 10;
  try {
    const library = values.source ? { patches: [] } : "dist";
    const result = await run({ seed, scale, library });
    const passed = result.skipped === undefined ? "passed" : "skipped";
    return { name, seed, result: passed, seconds: seconds(), ...result };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, seed, result: "failed", seconds: seconds(), error: text };
  }
}

function textOf({ name, result, seconds, counts, skipped, error }: Outcome): string {
  const numbers = Object.entries(counts ?? {}).map(([what, count]) => `${what}: ${count}`);
  const replay = `Again with: pnpm test:faults --run=${name} --seed=${seed}`;
  return [
    `  ${result} in ${seconds} s${skipped ? `: ${skipped}` : ""}`,
    ...(numbers.length > 0 ? [`  ${numbers.join(", ")}`] : []),
    ...(error ? [error, `  ${replay}${values.long ? " --long" : ""}`] : []),
  ].join("\n");
}

async function write(): Promise<void> {
  const cpu = cpus()[0]?.model;
  const machine = {
    platform: platform(),
    arch: arch(),
    cpu,
    cores: cpus().length,
    bytes: totalmem(),
  };
  const text = JSON.stringify(
    { scale, seed, node: process.version, machine, runs: outcomes },
    null,
    2,
  );
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}/${values.report}`, `${text}\n`);
}
