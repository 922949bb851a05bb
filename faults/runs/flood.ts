import { setTimeout as sleep } from "node:timers/promises";
import { check, checkRoom } from "../harness/check.ts";
import { Clients } from "../harness/clients.ts";
import { Workerd } from "../harness/workerd.ts";
import { p99 } from "./p99.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const FLOOD_MESSAGES = { ci: 20_000, long: 200_000, planted: 5_000 };
const ALONE_MS = { ci: 500, long: 10_000, planted: 100 };
const WITHIN_MS = 30_000;

/** The room takes 100 messages a second. A third of what is said is confirmed. */
const PAUSE_MS = 20;

/** See `slowReader`. */
const MAX_SLOWDOWN = 3;

/** It comes back soon, to be closed again. */
const FLOODER_TIMING = { backoff: { initialMs: 50, maxMs: 100 } };

/**
 * One client sends as fast as it can into a room with a rate limit. It is told so, then closed
 * with 4429, as often as it comes back; a well-behaved client beside it misses nothing, and every
 * one of its entries is taken.
 */
export async function flood({ scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const flooders = await Clients.start(library);
  const clients = await Clients.start(library);
  try {
    const place = { party: "limited", room: "flood", host: workerd.host } as const;
    await clients.open([{ name: "calm", ...place }]);
    await flooders.open([{ name: "flooder", ...place, timing: FLOODER_TIMING }]);
    await clients.allBecome("open", ["calm"], WITHIN_MS);
    await flooders.allBecome("open", ["flooder"], WITHIN_MS);

    await clients.talk(["calm"], { pauseMs: PAUSE_MS });
    await sleep(ALONE_MS[scale]);
    const [before] = await clients.records(["calm"]);
    const messages = FLOOD_MESSAGES[scale];
    await flooders.flood("flooder", messages);
    await sleep(ALONE_MS[scale]);
    const [flooder] = await flooders.records(["flooder"]);
    await flooders.close(["flooder"]);
    await clients.hush(["calm"]);

    const withinMs = settledWithinMs({ scale, library });
    const [calm] = await checkRoom(
      { workerd, clients },
      { ...place, withinMs, names: ["calm"], strangers: flooder ? [flooder] : [] },
    );
    const { log, visits } = await workerd.report(place.party, place.room);
    const closes = visits.filter(({ id }) => id === "flooder").flatMap((visit) => visit.closes);
    const taken = log.filter(({ by }) => by === "flooder").length;
    check(closes.includes(4429), `the flooder was closed with ${closes.join(", ") || "nothing"}`);
    check((flooder?.errors["rate_limited"] ?? 0) > 0, "the flooder was not told that it is one");
    check(taken < messages / 2, `${taken} of the ${messages} messages of the flood were taken`);
    check(calm?.opens === 1, "the well-behaved client has lost its connection");
    const errors = Object.keys(calm.errors);
    check(errors.length === 0, `the well-behaved client was told ${errors.join(", ")}`);
    const written = log.filter(({ by }) => by === "calm").length;
    check(written === calm.sent, `${written} of its ${calm.sent} entries were taken`);
    check(calm.confirmed.length > 0, "nothing was confirmed");
    const alone = p99(before?.confirmedAfterMs ?? []);
    const beside = p99(calm.confirmedAfterMs.slice(before?.confirmedAfterMs.length));
    const counts = {
      "messages of the flood": messages,
      "of them taken": taken,
      "closed 4429": closes.length,
      "p99 alone in ms": alone,
      "p99 beside in ms": beside,
    };
    if (scale === "long") {
      check(beside <= alone * MAX_SLOWDOWN, `the p99 of others rose from ${alone} to ${beside} ms`);
    }
    return { counts };
  } finally {
    await flooders.stop();
    await clients.stop();
    await workerd.stop();
  }
}
