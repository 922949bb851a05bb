import { eventually } from "@partyflare/harness/wait";
import { check } from "../harness/check.ts";
import {
  checkRoom,
  entered,
  type HooksPlace,
  quiet,
  reportOf,
  urlOf,
  WITHIN_MS,
} from "../harness/hooks-room.ts";
import { POKE, QUIET, Tab } from "../harness/tab.ts";
import type { HooksPartyName, Workerd } from "../harness/workerd.ts";
import type { Step } from "../worker/hooks-contract.ts";

/** A client may send so many frames in one message. */
const MAX_FRAMES = 1_024;

/** What a small room keeps: see `hooks-room.ts`. */
const KEPT = 8;

/** The ring overwrites what a tab is still to be sent, and what a tab is away for. */
export async function overtake(workerd: Workerd, party: HooksPartyName): Promise<void> {
  const place: HooksPlace = { party, room: "small" };
  const [away, caller] = [
    new Tab({ url: urlOf(workerd, place), who: "ada", id: "a" }),
    new Tab({ url: urlOf(workerd, place), who: "ben", id: "c" }),
  ];
  const large = (count: number) => Array.from({ length: count }, (): Step => ({ do: "emitLarge" }));
  const post = (steps: Step[]) => {
    caller.act(steps);
    return quiet(caller);
  };
  await entered(away);
  await entered(caller);
  await post(large(KEPT));
  await eventually("all is heard", WITHIN_MS, () => away.heard.length === KEPT || undefined);
  away.drop();
  await post(large(KEPT - 1));
  await entered(away, { ...QUIET, onConnect: large(KEPT) });
  await hears(away, caller);
  away.drop();
  await post(large(KEPT + 1));
  await entered(away);
  await hears(away, caller);
  for (const tab of [away, caller]) tab.drop();
  await checkRoom(workerd, place, [away, caller]);
}

/** Waits until a tab hears what is new. */
async function hears(tab: Tab, caller: Tab): Promise<void> {
  const before = caller.heard.length;
  await eventually("new events are heard", WITHIN_MS, async () => {
    caller.act([{ do: "emit" }]);
    await quiet(caller);
    const since = new Set(caller.heard.slice(before).map(({ label }) => label));
    return tab.heard.some(({ label }) => since.has(label)) || undefined;
  });
}

/** A message holds so many frames, and no more. */
export async function overfill(workerd: Workerd, party: HooksPartyName): Promise<void> {
  const place: HooksPlace = { party, room: "full" };
  const tab = new Tab({ url: urlOf(workerd, place), who: "ada", id: "a" });
  const fill = (frames: number) => tab.send(Array.from({ length: frames }, () => POKE).join("\n"));
  await entered(tab);
  fill(MAX_FRAMES);
  tab.act([]);
  await quiet(tab);
  check(tab.isOpen, `a message of ${MAX_FRAMES} frames was refused`);
  fill(MAX_FRAMES + 1);
  const { pokes } = await eventually("too many frames are refused", WITHIN_MS, async () => {
    const report = await reportOf(workerd, place);
    return tab.lastClose || report.pokes > MAX_FRAMES ? report : undefined;
  });
  check(
    pokes === MAX_FRAMES,
    `of a message with too many frames, ${pokes - MAX_FRAMES} were handled`,
  );
  check(tab.lastClose?.code === 4413, `it was closed with ${tab.lastClose?.code}`);
}
