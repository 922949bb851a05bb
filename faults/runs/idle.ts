import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { Workerd } from "../harness/workerd.ts";
import type { RunContext, RunResult } from "./run.ts";

const CLIENTS = { ci: 100, long: 1_000, planted: 10 };

const WITHIN_MS = 60_000;

/** The platform lets a room sleep after 10 s without an event; then a whole minute must pass. */
const IDLE_MS = 75_000;

/** Its first, and the wake by the question how many there were. */
const EXPECTED_STARTS = 2;

/**
 * Nobody says anything, and every client gives its signs of life. The platform answers them: the
 * room falls asleep, and is not woken once in a minute. Were it woken by any, it would start once
 * more; were it kept awake, it would not start again at all.
 */
export async function idle({ scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  const names = Array.from({ length: CLIENTS[scale] }, (_, index) => `idle${index}`);
  const place = { party: "hibernating", room: "idle", host: workerd.host } as const;
  try {
    await clients.open(names.map((name) => ({ name, ...place })));
    await clients.allBecome("open", names, WITHIN_MS);
    await sleep(IDLE_MS);
    const { starts, connections } = await workerd.report("hibernating", "idle");
    check(starts === EXPECTED_STARTS, `the room started ${starts} times, not ${EXPECTED_STARTS}`);
    check(connections.length === names.length, `${connections.length} are still connected`);
    const records = await clients.records(names);
    check(
      records.every(({ opens }) => opens === 1),
      "a client has lost its connection",
    );
    return { counts: { clients: names.length, "seconds idle": IDLE_MS / 1_000, starts } };
  } finally {
    await clients.stop();
    await workerd.stop();
  }
}
