import type { Question, Scale, Table, Target } from "./question.ts";
import { median } from "./statistics.ts";
import { TARGETS } from "./targets.ts";

/** With few and short rounds, on a machine that others share, only a slip of a factor is one. */
const QUICK_MARGIN = { factor: 2, more: 0.1 };

/** A target, and how near it came. */
export interface Verdict {
  readonly target: Target;
  /** What was allowed at this scale. */
  readonly atMost: number;
  readonly ratio: number;
  readonly isReached: boolean;
}

/** Judges the targets of a question that its tables tell of. */
export function judge(
  question: Pick<Question, "name">,
  scale: Scale,
  tables: readonly Table[],
): Verdict[] {
  return TARGETS.filter((target) => target.question === question.name).flatMap((target) => {
    const ratio = ratioOf(tables, target);
    if (ratio === undefined) return [];
    const atMost =
      scale === "quick" ? target.atMost * QUICK_MARGIN.factor + QUICK_MARGIN.more : target.atMost;
    return [{ target, atMost, ratio, isReached: ratio <= atMost }];
  });
}

/** A verdict in one line, for people. */
export function verdictText({ target, atMost, ratio, isReached }: Verdict): string {
  const { table, contender, against } = target;
  const figures = `${ratio.toFixed(2)} of ${against}, at most ${atMost.toFixed(2)}`;
  return `${isReached ? "reached" : "MISSED "} ${table}: ${contender} ${figures}`;
}

/** The ratio that a target is about; undefined where the tables lack it. */
export function ratioOf(tables: readonly Table[], target: Target): number | undefined {
  const table = tables.find(({ name }) => name === target.table);
  const medianOf = (contender: string) => {
    const row = table?.rows.find((each) => each.contender === contender);
    return row && median(row.values);
  };
  const [ours, theirs] = [medianOf(target.contender), medianOf(target.against)];
  const ratio = (ours ?? Number.NaN) / (theirs ?? Number.NaN);
  return Number.isFinite(ratio) ? ratio : undefined;
}
