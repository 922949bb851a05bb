import { check, sumOf } from "../harness/check.ts";
import { checkDelivery, onStage, type Stage } from "../harness/durable-room.ts";
import type { PosterRecord } from "../harness/poster-messages.ts";
import { burstsOf, QUICK } from "../harness/posting.ts";
import { Link } from "../harness/proxy.ts";
import { type Schedule, scheduleFailure, schedulesOf } from "../harness/schedule.ts";
import type { DurablePartyName } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const CASES = { ci: 40, long: 1_000, planted: 10 };

/** Of one room, each with a network of its own. */
const CLIENTS = 3;

/** How many rooms suffer at the same time. */
const AT_ONCE = 10;

const PARTIES: readonly DurablePartyName[] = ["durable", "durable-in-memory"];

/** Of each client, while its network is bad; and one when it is fair again. */
const CALLS = 30;

/** Between two bursts, in ms: a schedule lasts about a second. */
const PAUSE_MS = 100;

const OPEN_WITHIN_MS = 15_000;

/**
 * Clients call while their networks delay, slice, cut, reset, swallow, truncate and refuse, by
 * random schedules. Once the networks are fair again every call is answered, and was carried out
 * once; every client has heard every event since it came, once, in the order of all.
 */
export async function deliveryNetwork({ seed, scale, library }: RunContext): Promise<RunResult> {
  const waiting = Array.from({ length: CASES[scale] }, (_, index) => seed + index);
  const counts = { schedules: 0, faults: 0, connections: 0, calls: 0, "events heard": 0 };
  return onStage(library, {}, async (stage) => {
    const work = async () => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const schedules = schedulesOf(seed, CLIENTS);
        const records = await suffer(
          stage,
          seed,
          schedules,
          settledWithinMs({ scale, library }),
        ).catch((cause: unknown) => {
          waiting.length = 0;
          throw scheduleFailure(seed, schedules, cause);
        });
        counts.schedules += 1;
        counts.faults += sumOf(schedules, ({ length }) => length);
        counts.connections += sumOf(records, ({ opens }) => opens);
        counts.calls += sumOf(records, ({ sent }) => sent);
        counts["events heard"] += sumOf(records, ({ heard }) => heard);
      }
    };
    // After a failure the others come to their end: or they would fail for want of a workerd.
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return { counts };
  });
}

/** One case: a room, its clients, and what befalls them. */
async function suffer(
  { workerd, posters }: Stage,
  seed: number,
  schedules: readonly Schedule[],
  withinMs: number,
): Promise<PosterRecord[]> {
  const party = PARTIES[Math.abs(seed) % PARTIES.length] ?? "durable";
  const room = `network-${seed}`;
  const links = await Promise.all(schedules.map(() => Link.open(workerd.port)));
  const specs = links.map(({ host }, index) => {
    return { name: `${room}-${index}`, host, party, room, timing: QUICK };
  });
  const names = specs.map(({ name }) => name);
  try {
    await posters.begin(specs);
    for (const [index, name] of names.entries()) {
      const bursts = burstsOf(seed + index, CALLS);
      await posters.post([name], { bursts, pauseMs: PAUSE_MS });
    }
    await Promise.all(links.map((link, index) => link.suffer(schedules[index] ?? [])));
    await posters.allBe(names, OPEN_WITHIN_MS, "are open", ({ state }) => state === "open");
    // Nobody came so late that there was nothing to hear.
    await posters.post(names, { bursts: [1], pauseMs: 0 });
    const groups = [{ posters, names }];
    const records = await checkDelivery(workerd, { party, room }, groups, { withinMs });
    const untold = records.filter(({ notRecovered }) => notRecovered > 0);
    check(untold.length === 0, `${untold.length} were told of a gap, within the window`);
    await posters.close(names);
    return records;
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
}
