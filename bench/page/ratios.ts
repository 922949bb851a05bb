import type { Table, Target } from "../question.ts";
import { ratioOf } from "../verdict.ts";
import { markdownTable } from "./markdown.ts";

/** Where a question has not been measured with the contender. */
const UNKNOWN = "–";

/**
 * The ratios that were to be reached, and those that were, as Markdown: a line for all tables of a
 * question that are to reach the same, with the least and the greatest. A miss is bold.
 *
 * @param tablesOf the tables of a question; none where it has not been asked.
 */
export function ratioTable(
  targets: readonly Target[],
  tablesOf: (question: string) => readonly Table[],
): string {
  const groups = Map.groupBy(targets, ({ question, table, tables, contender, against, atMost }) =>
    [question, tables ?? table, contender, against, atMost].join("\n"),
  );
  const lines = [...groups.values()].flatMap((group) => {
    const [target] = group;
    if (!target) return [];
    const { question, table, tables = table, contender, against, atMost } = target;
    const ratios = group.flatMap((each) => ratioOf(tablesOf(question), each) ?? []);
    const reached = rangeOf(ratios, atMost);
    return [[`${question}: ${tables}`, contender, against, `≤ ${atMost.toFixed(2)}`, reached]];
  });
  const header = ["", "contender", "against", "was to reach", "is"];
  const isPartial = lines.some((cells) => cells.includes(UNKNOWN));
  return [
    markdownTable(header, lines),
    ...(isPartial ? [`\`${UNKNOWN}\`: not measured yet.`] : []),
  ].join("\n\n");
}

function rangeOf(ratios: readonly number[], atMost: number): string {
  if (ratios.length === 0) return UNKNOWN;
  const [least, greatest] = [Math.min(...ratios), Math.max(...ratios)];
  const isMissed = greatest > atMost;
  // A miss by less than a hundredth is still to be seen.
  const digits = isMissed && Number(greatest.toFixed(2)) <= atMost ? 3 : 2;
  const range = [...new Set([least.toFixed(digits), greatest.toFixed(digits)])].join(" – ");
  return isMissed ? `**${range}**` : range;
}
