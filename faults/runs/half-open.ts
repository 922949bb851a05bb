import { check, checkRoom } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { Link } from "../harness/proxy.ts";
import { Workerd } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

/** A sign of life every 25 s, give or take a fifth, and 10 s for its answer. */
const NOTICED_WITHIN_MS = 40_000;

const WITHIN_MS = 30_000;

const ROUNDS = { ci: 1, long: 5, planted: 1 };

/**
 * A network swallows everything, one way or both, and tells nobody. With the library's own waits
 * clients notice within 40 s, and come back when the network does.
 */
export async function halfOpen({ scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  const ways = { up: ["up"], down: ["down"], both: ["up", "down"] } as const;
  const links = await Promise.all(
    Object.entries(ways).map(async ([name, directions]) => {
      return { name, directions, link: await Link.open(workerd.port) };
    }),
  );
  const names = links.map(({ name }) => name);
  const place = { party: "hibernating", room: "half-open" } as const;
  let slowestMs = 0;
  try {
    await clients.open(links.map(({ name, link: { host } }) => ({ name, host, ...place })));
    await clients.allBecome("open", names, WITHIN_MS);
    for (let round = 0; round < ROUNDS[scale]; round += 1) {
      const swallowedAtMs = performance.now();
      for (const { link, directions } of links) link.swallow(directions);
      await clients.allLose(names, NOTICED_WITHIN_MS);
      slowestMs = Math.max(slowestMs, performance.now() - swallowedAtMs);
      for (const { link } of links) link.heal();
      await clients.allBecome("open", names, WITHIN_MS);
    }
    const withinMs = settledWithinMs({ scale, library });
    const records = await checkRoom({ workerd, clients }, { ...place, names, withinMs });
    check(
      records.every(({ opens }) => opens > ROUNDS[scale]),
      "a client never came back",
    );
    return { counts: { rounds: ROUNDS[scale], "noticed after ms": Math.round(slowestMs) } };
  } finally {
    await clients.stop();
    await Promise.all(links.map(({ link }) => link.close()));
    await workerd.stop();
  }
}
