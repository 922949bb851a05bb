import { setTimeout as sleep } from "node:timers/promises";
import { checkRoom, sumOf } from "../harness/check.ts";
import type { ClientRecord } from "../harness/client-messages.ts";
import { Clients } from "../harness/clients.ts";
import { Link } from "../harness/proxy.ts";
import { type Schedule, scheduleFailure, schedulesOf } from "../harness/schedule.ts";
import { type PartyName, Workerd } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const CASES = { ci: 40, long: 1_000, planted: 20 };

/** Of one room, each with a network of its own. */
const CLIENTS = 3;

/** How many rooms suffer at the same time. */
const AT_ONCE = 10;

const PARTIES: readonly PartyName[] = ["hibernating", "in-memory"];

/** A second's fault is to be worth many attempts. */
const TIMING = {
  minUptime: 1,
  backoff: { initialMs: 50, maxMs: 200 },
  connectionTimeout: 2_000,
};

/** Between two entries of a client, in ms. With less, thirty of them are the fault themselves. */
const PAUSE_MS = 15;

/** With these waits, and once the network is fair. */
const BACK_WITHIN_MS = 15_000;

/** How long a case goes on when the network is fair again, in ms. */
const AFTERMATH_MS = 100;

/**
 * Clients converse while their networks delay, slice, cut, reset, swallow, truncate and refuse,
 * by random schedules. Once the networks are fair again all are open, and room and clients agree;
 * once they have left, the room is empty.
 */
export async function network({ seed, scale, library }: RunContext): Promise<RunResult> {
  const seeds = Array.from({ length: CASES[scale] }, (_, index) => seed + index);
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  const counts = { schedules: 0, faults: 0, connections: 0, sent: 0, confirmed: 0 };
  const waiting = [...seeds];
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const schedules = schedulesOf(seed, CLIENTS);
      const place = { workerd, clients, withinMs: settledWithinMs({ scale, library }) };
      const records = await suffer(place, seed, schedules).catch((cause: unknown) => {
        waiting.length = 0;
        throw scheduleFailure(seed, schedules, cause);
      });
      counts.schedules += 1;
      counts.faults += sumOf(schedules, ({ length }) => length);
      counts.connections += sumOf(records, ({ opens }) => opens);
      counts.sent += sumOf(records, ({ sent }) => sent);
      counts.confirmed += sumOf(records, ({ confirmed }) => confirmed.length);
    }
  };
  try {
    // After a failure the others come to their end: or they would fail for want of a workerd.
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return { counts };
  } finally {
    await clients.stop();
    await workerd.stop();
  }
}

/** One case: a room, its clients, and what befalls them. */
async function suffer(
  place: { workerd: Workerd; clients: Clients; withinMs: number },
  seed: number,
  schedules: readonly Schedule[],
): Promise<ClientRecord[]> {
  const { workerd, clients, withinMs } = place;
  const party = PARTIES[Math.abs(seed) % PARTIES.length] ?? "hibernating";
  const room = `network-${seed}`;
  const links = await Promise.all(schedules.map(() => Link.open(workerd.port)));
  const specs = links.map(({ host }, index) => {
    return { name: `${room}-${index}`, host, party, room, timing: TIMING };
  });
  const names = specs.map(({ name }) => name);
  try {
    await clients.open(specs);
    await clients.talk(names, { pauseMs: PAUSE_MS });
    await Promise.all(links.map((link, index) => link.suffer(schedules[index] ?? [])));
    await sleep(AFTERMATH_MS);
    await clients.allBecome("open", names, BACK_WITHIN_MS);
    await clients.hush(names);
    const records = await checkRoom(place, { party, room, names, withinMs });
    await clients.close(names);
    await checkRoom(place, { party, room, withinMs, names: [], strangers: records });
    return records;
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
}
