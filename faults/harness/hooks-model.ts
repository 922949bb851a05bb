import type { HooksReport, JournalRow } from "../worker/hooks-report.ts";
import type { Tab } from "./tab.ts";

/** Every kind of mistake is told of so many times at most. */
const MAX_TOLD = 3;

/**
 * What a room whose hooks misbehave and its tabs know, once all tabs have been back and have left,
 * compared with what is promised.
 *
 * @returns a sentence for each thing that is not as it should be.
 */
export function hooksMistakesOf(report: HooksReport, tabs: readonly Tab[]): string[] {
  return [
    [...report.mistakes],
    tabs.flatMap((tab) => mistakesInHeard(report, tab)),
    mistakesBetween(tabs),
    mistakesInActs(report, tabs),
    mistakesInVisits(report),
  ].flatMap((mistakes) => mistakes.slice(0, MAX_TOLD));
}

/** A tab heard, in order, what was for its client, all of it, and nothing else. */
function mistakesInHeard({ journal }: HooksReport, tab: Tab): string[] {
  const name = `${tab.spec.who}'s ${tab.spec.id}`;
  const rows = new Map(journal.map((row) => [row.offset, row]));
  const heard = new Set(tab.heard.map(({ offset }) => offset));
  const known = new Set(journal.map(({ label }) => label));
  return [
    ...tab.mistakes,
    ...tab.unheardFarewells
      .filter((label) => known.has(label))
      .map((label) => `was closed before it heard ${label}`),
    ...tab.heard.flatMap(({ offset, label }) => {
      const row = rows.get(offset);
      // The platform sends what its own transaction sends, though that is rolled back.
      if (!row || row.label !== label) {
        if (label.startsWith("ghost") && !row) return [];
        return known.has(label) || row
          ? [`heard ${label} at ${offset}, where the room has ${row?.label ?? "nothing"}`]
          : [`heard ${label}, which was rolled back`];
      }
      if (row.audience !== "client" || row.who === tab.spec.who) return [];
      return [`heard ${label}, which was for another client`];
    }),
    ...journal
      .filter((row) => isOwed(row, tab) && !heard.has(row.offset))
      .map(({ label, offset }) => `was not told that it missed ${label} at ${offset}`),
  ].map((mistake) => `${name} ${mistake}`);
}

/** Tags may have been others' at the time: who was sent those is for other tests. */
function isOwed({ offset, audience, who }: JournalRow, { spec, begin, gaps }: Tab): boolean {
  if (begin === undefined || offset <= begin || audience === "tag") return false;
  if (gaps.some(({ after, upTo }) => offset > after && offset <= upTo)) return false;
  return audience === "all" || who === spec.who;
}

/** One offset means one event, for all who ever heard it. */
function mistakesBetween(tabs: readonly Tab[]): string[] {
  const labels = new Map<number, string>();
  return tabs
    .flatMap(({ heard }) => heard)
    .flatMap(({ offset, label }) => {
      const other = labels.get(offset) ?? label;
      labels.set(offset, other);
      return other === label ? [] : [`${label} was heard at ${offset}, and by others ${other}`];
    });
}

/** What was answered was carried out, once; what failed was not. */
function mistakesInActs({ acts }: HooksReport, tabs: readonly Tab[]): string[] {
  const times = new Map<string, number>();
  for (const label of acts) times.set(label, (times.get(label) ?? 0) + 1);
  const twice = [...times].filter(([, count]) => count > 1);
  return [
    ...twice.map(([label, count]) => `call ${label} was carried out ${count} times`),
    ...tabs.flatMap((tab) =>
      tab.acts.flatMap(({ label, outcome, steps }) => {
        const isDone = times.has(label);
        const throws = steps.some((step) => step.do === "throw");
        if (outcome === "done") return isDone ? [] : [`call ${label} was answered and is lost`];
        if (outcome === undefined) return [];
        if (outcome !== "internal" || !throws) return [`call ${label} was refused: ${outcome}`];
        return isDone ? [`call ${label} failed and was not rolled back`] : [];
      }),
    ),
  ];
}

/** Each `onConnect` has its `onClose`, or has died with its process. */
function mistakesInVisits({ visits, epoch }: HooksReport): string[] {
  return visits
    .filter((visit) => visit.closes > 1 || (visit.closes === 0 && visit.epoch === epoch))
    .map(({ visit, closes }) => `connection ${visit} has had ${closes} onClose`);
}
