import { setTimeout as sleep } from "node:timers/promises";
import { checkRoom, sumOf } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { numbersOf } from "../harness/schedule.ts";
import { Workerd, type PartyName } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const CLIENTS = 50;
const KILLS = { ci: 10, long: 200, planted: 2 };
const PARTIES: readonly PartyName[] = ["hibernating", "in-memory"];

/**
 * Clients' waits grow with every connection that did not last 5 s, up to 30 s. The kills here
 * come faster than any machine dies, so the waits are kept short.
 */
const TIMING = { minUptime: 1, backoff: { initialMs: 300, maxMs: 1_000 } };

const BACK_WITHIN_MS = 30_000;

/** How long a conversation goes on before the kill, in ms. */
const TALK_MS = { min: 20, max: 400 };

/**
 * workerd is killed in the middle of a conversation, and started again on its disk, many times.
 * All clients come back by themselves, every connection is closed once or died with its process,
 * nobody is listed who is not there, and nothing is lost that was confirmed.
 */
export async function kill({ seed, scale, library }: RunContext): Promise<RunResult> {
  const kills = KILLS[scale];
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  try {
    const specs = Array.from({ length: CLIENTS }, (_, index) => {
      const party = PARTIES[index % PARTIES.length] ?? "hibernating";
      const { host } = workerd;
      return { name: `${party}-${index}`, host, party, room: "kills", timing: TIMING };
    });
    const names = specs.map(({ name }) => name);
    await clients.open(specs);
    await clients.allBecome("open", names, BACK_WITHIN_MS);
    await clients.talk(names, { pauseMs: 20 });
    for (const talkMs of numbersOf(seed, kills, TALK_MS.min, TALK_MS.max)) {
      await sleep(talkMs);
      await workerd.kill();
      await clients.allLose(names, BACK_WITHIN_MS);
      await workerd.restart();
      await clients.allBecome("open", names, BACK_WITHIN_MS);
    }
    await clients.hush(names);
    const checks = PARTIES.map((party) =>
      checkRoom(
        { workerd, clients },
        {
          party,
          room: "kills",
          withinMs: settledWithinMs({ scale, library }),
          names: names.filter((name) => name.startsWith(party)),
        },
      ),
    );
    const records = (await Promise.all(checks)).flat();
    const confirmed = sumOf(records, (record) => record.confirmed.length);
    return {
      counts: { kills, clients: CLIENTS, sent: sumOf(records, ({ sent }) => sent), confirmed },
    };
  } finally {
    await clients.stop();
    await workerd.stop();
  }
}
