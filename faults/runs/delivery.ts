import { setTimeout as sleep } from "node:timers/promises";
import { check, sumOf } from "../harness/check.ts";
import { checkDelivery, onStage } from "../harness/durable-room.ts";
import { burstsOf, QUICK } from "../harness/posting.ts";
import { numbersOf } from "../harness/schedule.ts";
import type { DurablePartyName } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

/** How many clients make how many calls each while workerd is killed so often. */
const SIZES = {
  ci: { clients: 10, calls: 200, kills: 10, betweenMs: { min: 200, max: 1_200 } },
  long: { clients: 50, calls: 2_000, kills: 200, betweenMs: { min: 1_000, max: 5_000 } },
  planted: { clients: 6, calls: 60, kills: 4, betweenMs: { min: 100, max: 300 } },
};

const PARTIES: readonly DurablePartyName[] = ["durable", "durable-in-memory"];

const OPEN_WITHIN_MS = 30_000;

/** Their last calls may wait for the last of the longer and longer waits of a client. */
const DONE_WITHIN_MS = { ci: 30_000, long: 60_000, planted: 5_000 };

/**
 * Clients call, and each call writes a row and emits a durable event, while workerd is killed and
 * started again on its disk. Every call is answered, and was carried out once, in its client's
 * order; every client has heard every event, in one order, without a gap and without a repeat.
 */
export async function delivery({ seed, scale, library }: RunContext): Promise<RunResult> {
  const { clients, calls, kills, betweenMs } = SIZES[scale];
  return onStage(library, {}, async ({ workerd, posters }) => {
    const specs = Array.from({ length: clients }, (_, index) => {
      const party = PARTIES[index % PARTIES.length] ?? "durable";
      const { host } = workerd;
      return { name: `${party}-${index}`, host, party, room: "posts", timing: QUICK };
    });
    await posters.open(specs, OPEN_WITHIN_MS);
    const waits = numbersOf(seed, kills, betweenMs.min, betweenMs.max);
    const lastsMs = sumOf(waits, (ms) => ms);
    for (const [index, { name }] of specs.entries()) {
      const bursts = burstsOf(seed + index, calls);
      // As long as the kills last, so that there are calls on their way at each.
      await posters.post([name], { bursts, pauseMs: lastsMs / bursts.length });
    }
    for (const waitMs of waits) {
      await sleep(waitMs);
      await workerd.kill();
      await workerd.restart();
    }
    const names = specs.map(({ name }) => name);
    const done = ({ isPosting, unanswered }: { isPosting: boolean; unanswered: number }) =>
      !isPosting && unanswered === 0;
    // What is not done by then is told by the check, with all else.
    await posters.allBe(names, DONE_WITHIN_MS[scale], "are done", done).catch(() => {});
    const checks = PARTIES.map((party) => {
      const own = specs.filter((spec) => spec.party === party).map(({ name }) => name);
      const groups = [{ posters, names: own }];
      const withinMs = settledWithinMs({ scale, library });
      return checkDelivery(workerd, { party, room: "posts" }, groups, { withinMs });
    });
    const records = (await Promise.all(checks)).flat();
    const sent = sumOf(records, (record) => record.sent);
    const untold = sumOf(records, ({ notRecovered }) => notRecovered);
    check(sent === clients * calls, `${sent} calls were made, not ${clients * calls}`);
    check(untold === 0, `clients were told of a gap ${untold} times, within the window`);
    return {
      counts: {
        kills,
        clients,
        "calls, each carried out once": sent,
        "events heard": sumOf(records, ({ heard }) => heard),
        "times back with all that was missed": sumOf(records, ({ recovered }) => recovered),
      },
    };
  });
}
