import { setTimeout as sleep } from "node:timers/promises";
import { check, sumOf } from "../harness/check.ts";
import { checkDelivery, type Group } from "../harness/durable-room.ts";
import { Posters } from "../harness/posters.ts";
import { burstsOf, QUICK } from "../harness/posting.ts";
import { numbersOf } from "../harness/schedule.ts";
import { type DurablePartyName, Workerd } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const PARTIES: readonly DurablePartyName[] = ["durable", "durable-in-memory"];

const DAY_MS = 24 * 60 * 60 * 1_000;

/** By how much the clocks of clients are wrong: two in each room. */
const CLIENT_SHIFTS_MS = [-DAY_MS, 0, DAY_MS];
const CLIENTS_A_SHIFT = 2;

/** By how much the room's clock is, in its lives, one after the other. */
const ROOM_SHIFTS_MS = [DAY_MS, -DAY_MS, 0, -DAY_MS, DAY_MS];

const ROUNDS = { ci: 1, long: 10, planted: 1 };
const CALLS_A_LIFE = 15;

const BETWEEN_MS = { min: 150, max: 400 };
const OPEN_WITHIN_MS = 15_000;

/**
 * The room's clock goes ahead by a day or two, and back, whenever workerd is killed; those of its
 * clients are wrong by a day, either way. The clients' matter to nothing. With its own, a room may take what it
 * keeps for too old: then those who missed something are told.
 */
export async function clocks({ seed, scale, library }: RunContext): Promise<RunResult> {
  const lives = Array.from({ length: ROUNDS[scale] }, () => ROOM_SHIFTS_MS).flat();
  const waits = numbersOf(seed, lives.length, BETWEEN_MS.min, BETWEEN_MS.max);
  const workerd = await Workerd.start(library);
  const processes: Posters[] = [];
  try {
    const groups: Record<string, Group[]> = {};
    for (const clockShiftMs of CLIENT_SHIFTS_MS) {
      const posters = await Posters.start(library, { clockShiftMs });
      processes.push(posters);
      for (const party of PARTIES) {
        const names = Array.from(
          { length: CLIENTS_A_SHIFT },
          (_, index) => `${party}-${clockShiftMs}-${index}`,
        );
        const place = { host: workerd.host, party, room: "clocks", timing: QUICK };
        await posters.open(
          names.map((name) => ({ name, ...place })),
          OPEN_WITHIN_MS,
        );
        (groups[party] ??= []).push({ posters, names });
      }
    }
    for (const [index, { posters, names }] of Object.values(groups).flat().entries()) {
      const bursts = burstsOf(seed + index, CALLS_A_LIFE * lives.length);
      const pauseMs = sumOf(waits, (ms) => ms) / bursts.length;
      await posters.post(names, { bursts, pauseMs });
    }
    for (const [index, shiftMs] of lives.entries()) {
      await sleep(waits[index]);
      await workerd.kill();
      workerd.variables["CLOCK_SHIFT_MS"] = String(shiftMs);
      await workerd.restart();
    }
    const checks = PARTIES.map((party) =>
      checkDelivery(workerd, { party, room: "clocks" }, groups[party] ?? [], {
        withinMs: settledWithinMs({ scale, library }),
        // A room whose clock is a day ahead has forgotten what came of them.
        mayBeUnknown: true,
      }),
    );
    const records = (await Promise.all(checks)).flat();
    const sent = sumOf(records, (record) => record.sent);
    check(sent === records.length * CALLS_A_LIFE * lives.length, `only ${sent} calls were made`);
    return {
      counts: {
        "lives of the room": lives.length + 1,
        calls: sent,
        "of them with no known outcome": sumOf(records, ({ refused }) => refused.length),
        "times back with all that was missed": sumOf(records, ({ recovered }) => recovered),
        "times told of a gap": sumOf(records, ({ notRecovered }) => notRecovered),
      },
    };
  } finally {
    for (const posters of processes) await posters.stop();
    await workerd.stop();
  }
}
