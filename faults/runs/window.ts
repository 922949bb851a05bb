import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, beAbsent } from "../harness/absence.ts";
import { check, sumOf } from "../harness/check.ts";
import { checkDelivery, onStage, type Stage, stopClock } from "../harness/durable-room.ts";
import { burstsOf, QUICK } from "../harness/posting.ts";
import { numbersOf } from "../harness/schedule.ts";
import type { DurablePartyName } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const PARTIES: readonly DurablePartyName[] = ["durable", "durable-in-memory"];

const KEEP_EVENTS = 20;
const KEEP_MS = 60_000;

/** What another version of the Worker keeps. */
const OTHER_KEEP_EVENTS = 50;

/** Numbers of events on both sides of every edge of a ring of 20. */
const EDGES = {
  ci: [1, 19, 20, 21, 41],
  long: [1, 2, 18, 19, 20, 21, 22, 38, 39, 40, 41, 42, 59, 60, 61, 123],
  planted: [1, 20, 21],
};

/** Two versions take turns, under so many clients that call. */
const SWAPS = { ci: 8, long: 100, planted: 0 };
const CLIENTS = 6;
const CALLS_A_SWAP = 25;

const BETWEEN_MS = { min: 100, max: 400 };

/**
 * Clients are offline for less than, exactly and more than the room keeps, by count and by time,
 * and while another version of the Worker, which keeps another number, takes over. Up to the
 * window they hear all that they missed; beyond it they are told, before they hear anything.
 */
export async function eventWindow({ seed, scale, library }: RunContext): Promise<RunResult> {
  const variables = { KEEP_EVENTS: String(KEEP_EVENTS), KEEP_MS: String(KEEP_MS) };
  return onStage(library, variables, async (stage) => {
    const withinMs = settledWithinMs({ scale, library });
    const byCount = await missByCount(stage, EDGES[scale], withinMs);
    if (scale === "planted") return { counts: { "absences by count": byCount } };
    const byTime = await missByTime(stage, withinMs);
    const changed = await missWhileChanged(stage, withinMs);
    const swapped = await swapVersions(stage, { seed, swaps: SWAPS[scale], withinMs });
    const absences = {
      "absences by count": byCount,
      "by time": byTime,
      "while keepEvents changed": changed,
    };
    return { counts: { ...absences, ...swapped } };
  });
}

async function missByCount(
  stage: Stage,
  edges: readonly number[],
  withinMs: number,
): Promise<number> {
  const absences = PARTIES.flatMap((party) =>
    edges.flatMap((before) =>
      edges.map((missed): Absence => {
        const place = { party, room: `count-${before}-${missed}` };
        return { place, before, missed, recovers: missed <= KEEP_EVENTS };
      }),
    ),
  );
  // All at once would be a storm.
  for (const before of edges) {
    const some = absences.filter((absence) => absence.before === before);
    await beAbsent(stage, some, { withinMs });
  }
  return absences.length;
}

/** The room's clock stands still but for being set: an edge has a width of one millisecond. */
async function missByTime(stage: Stage, withinMs: number): Promise<number> {
  let nowMs = Date.now();
  let count = 0;
  for (const beyondMs of [-KEEP_MS, -1, 0, 1, KEEP_MS]) {
    const setClock = () => stopClock(stage.workerd, { party: "durable", room: "clock" }, nowMs);
    await setClock();
    const absences = PARTIES.map((party): Absence => {
      const place = { party, room: `time-${beyondMs}` };
      return { place, before: 5, missed: 5, recovers: beyondMs <= 0 };
    });
    const meanwhile = () => {
      nowMs += KEEP_MS + beyondMs;
      return setClock();
    };
    await beAbsent(stage, absences, { withinMs, meanwhile });
    count += absences.length;
  }
  return count;
}

/** The Worker is replaced by one that keeps more, or fewer, while clients are away. */
async function missWhileChanged(stage: Stage, withinMs: number): Promise<number> {
  const small = KEEP_EVENTS;
  const large = OTHER_KEEP_EVENTS;
  let count = 0;
  for (const [from, to] of [
    [small, large],
    [large, small],
  ] as const) {
    await deploy(stage, { keepEvents: from });
    const absences = PARTIES.flatMap((party) =>
      [1, small + 7].flatMap((before) =>
        [small, small + 1, large].map((missed): Absence => {
          const place = { party, room: `change-${from}-${before}-${missed}` };
          return { place, before, missed, recovers: missed <= small };
        }),
      ),
    );
    const meanwhile = () => deploy(stage, { keepEvents: to });
    await beAbsent(stage, absences, { withinMs, meanwhile });
    count += absences.length;
  }
  return count;
}

/**
 * Versions take turns under clients that call. They keep few events, so that some who come back
 * late have missed too many: those are told.
 */
async function swapVersions(
  stage: Stage,
  { seed, swaps, withinMs }: { seed: number; swaps: number; withinMs: number },
) {
  const { workerd, posters } = stage;
  const specs = PARTIES.flatMap((party) =>
    Array.from({ length: CLIENTS }, (_, index) => {
      return { name: `${party}-${index}`, host: workerd.host, party, room: "swap", timing: QUICK };
    }),
  );
  await posters.open(specs, withinMs);
  const waits = numbersOf(seed, swaps, BETWEEN_MS.min, BETWEEN_MS.max);
  for (const [index, { name }] of specs.entries()) {
    const bursts = burstsOf(seed + index, CALLS_A_SWAP * swaps);
    await posters.post([name], {
      bursts,
      pauseMs: (sumOf(waits, (ms) => ms) * 1.5) / bursts.length,
    });
  }
  for (const [index, waitMs] of waits.entries()) {
    await sleep(waitMs);
    const isOther = index % 2 === 0;
    await deploy(stage, {
      keepEvents: isOther ? OTHER_KEEP_EVENTS : KEEP_EVENTS,
      version: isOther ? "2" : "1",
    });
  }
  const checks = PARTIES.map((party) => {
    const names = specs.filter((spec) => spec.party === party).map(({ name }) => name);
    return checkDelivery(workerd, { party, room: "swap" }, [{ posters, names }], { withinMs });
  });
  const records = (await Promise.all(checks)).flat();
  const sent = sumOf(records, (record) => record.sent);
  check(sent === specs.length * CALLS_A_SWAP * swaps, `only ${sent} calls were made`);
  return {
    swaps,
    "calls, each carried out once": sent,
    "times back with all that was missed": sumOf(records, ({ recovered }) => recovered),
    "times told of a gap": sumOf(records, ({ notRecovered }) => notRecovered),
  };
}

async function deploy(
  { workerd }: Stage,
  { keepEvents, version = "1" }: { keepEvents: number; version?: string },
): Promise<void> {
  await workerd.kill();
  Object.assign(workerd.variables, { KEEP_EVENTS: String(keepEvents), VERSION: version });
  await workerd.restart();
}
