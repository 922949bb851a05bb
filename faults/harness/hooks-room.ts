import { eventually } from "@partyflare/harness/wait";
import type { HookScript } from "../worker/hooks-contract.ts";
import type { HooksReport } from "../worker/hooks-report.ts";
import { check } from "./check.ts";
import { hooksMistakesOf } from "./hooks-model.ts";
import { QUIET, type Tab } from "./tab.ts";
import type { HooksPartyName, Workerd } from "./workerd.ts";

/** Nothing here waits for a time: so long, a busy machine may take. */
export const WITHIN_MS = 60_000;

/** A room whose hooks misbehave. */
export interface HooksPlace {
  readonly party: HooksPartyName;
  readonly room: string;
}

/** Where its tabs connect to. */
export function urlOf(workerd: Workerd, { party, room }: HooksPlace): string {
  return workerd.roomUrl(party, room).replace("http", "ws");
}

/** What it knows. */
export async function reportOf(
  workerd: Workerd,
  { party, room }: HooksPlace,
): Promise<HooksReport> {
  return (await (await fetch(workerd.roomUrl(party, room))).json()) as HooksReport;
}

/** Waits until all have left, and compares. */
export async function checkRoom(
  workerd: Workerd,
  place: HooksPlace,
  tabs: readonly Tab[],
): Promise<void> {
  const report = await eventually("all have left", WITHIN_MS, async () => {
    const now = await reportOf(workerd, place);
    const isLeft = ({ epoch, closes }: { epoch: number; closes: number }) =>
      closes > 0 || epoch !== now.epoch;
    return now.connections.length === 0 && now.visits.every(isLeft) ? now : undefined;
  });
  const mistakes = hooksMistakesOf(report, tabs);
  check(mistakes.length === 0, mistakes.join("; "));
}

/** Until nothing that a tab has sent is on its way, or its connection is gone. */
export async function quiet(tab: Tab): Promise<void> {
  await eventually(`${tab.spec.who}'s ${tab.spec.id} is quiet`, WITHIN_MS, () => {
    return !tab.isOpen || tab.unanswered === 0 || undefined;
  });
}

/** The id may still be another's, who has just left. */
export async function entered(tab: Tab, script: HookScript = QUIET): Promise<void> {
  await eventually(`${tab.spec.who}'s ${tab.spec.id} is let in`, WITHIN_MS, async () => {
    return (await tab.open(script)) || undefined;
  });
}
