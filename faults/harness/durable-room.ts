import type { DurableReport } from "../worker/durable-report.ts";
import type { Library } from "./bundle.ts";
import { deliveryMistakesOf } from "./delivery-model.ts";
import { Posters } from "./posters.ts";
import type { DurablePlace, PosterRecord } from "./poster-messages.ts";
import { Workerd } from "./workerd.ts";

/** A workerd, and clients in a process of their own. */
export interface Stage {
  readonly workerd: Workerd;
  readonly posters: Posters;
}

/** Starts both, has something done with them, and ends them. */
export async function onStage<Result>(
  library: Library,
  variables: Readonly<Record<string, string>>,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const workerd = await Workerd.start(library, variables);
  const posters = await Posters.start(library);
  try {
    return await play({ workerd, posters });
  } finally {
    await posters.stop();
    await workerd.stop();
  }
}

/** What a durable room knows. Asked past every proxy. */
export async function reportOf(workerd: Workerd, place: DurablePlace): Promise<DurableReport> {
  return (await (await ask(workerd, place, "GET")).json()) as DurableReport;
}

/** Stops the clock of workerd's process, in which all rooms live, at a time in ms since 1970. */
export async function stopClock(workerd: Workerd, place: DurablePlace, atMs: number) {
  await ask(workerd, place, "POST", `?stopClockAtMs=${atMs}`);
}

/** Has a room call `deleteAll()`, and stay in memory. */
export async function wipe(workerd: Workerd, place: DurablePlace): Promise<void> {
  await ask(workerd, place, "POST", "?wipe=");
}

/** Clients of one process. */
export interface Group {
  readonly posters: Posters;
  readonly names: string[];
}

/**
 * Waits until all calls are answered and all clients have heard as much, and throws if anything is
 * not as it is promised then.
 *
 * @param options `mayBeUnknown` where the room may have forgotten what it has done.
 * @returns what the clients know, group by group, in the order of their names.
 */
export async function checkDelivery(
  workerd: Workerd,
  place: DurablePlace,
  groups: readonly Group[],
  { withinMs, mayBeUnknown = false }: { withinMs: number; mayBeUnknown?: boolean },
): Promise<PosterRecord[]> {
  const isQuiet = groups.map(({ posters, names }) =>
    posters.allBe(names, withinMs, "are quiet", (summary) => {
      return summary.state === "open" && summary.unanswered === 0 && !summary.isPosting;
    }),
  );
  const ends = await Promise.allSettled(isQuiet);
  const { head } = await reportOf(workerd, place);
  const hasHeard = groups.map(({ posters, names }) =>
    posters.allBe(names, withinMs, `have heard up to ${head}`, ({ offset }) => offset === head),
  );
  ends.push(...(await Promise.allSettled(hasHeard)));
  const mistakes = deliveryMistakesOf({
    report: await reportOf(workerd, place),
    records: await recordsOf(groups),
    timelines: await Promise.all(groups.map(({ posters }) => posters.timeline(place))),
    mayBeUnknown,
  });
  const inVain = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
  if (mistakes.length + inVain.length > 0) throw new Error([...mistakes, ...inVain].join("; "));
  return recordsOf(groups);
}

async function recordsOf(groups: readonly Group[]): Promise<PosterRecord[]> {
  const records = groups.map(({ posters, names }) => posters.records(names));
  return (await Promise.all(records)).flat();
}

async function ask(
  workerd: Workerd,
  { party, room }: DurablePlace,
  method: "GET" | "POST",
  query = "",
): Promise<Response> {
  const response = await fetch(`${workerd.roomUrl(party, room)}${query}`, { method });
  if (response.ok) return response;
  throw new Error(`The room answered with ${response.status}: ${await response.text()}`);
}
