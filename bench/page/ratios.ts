import type { Table, Target } from "../question.ts";
import { median } from "../statistics.ts";
import { markdownTable } from "./markdown.ts";

/**
 * The ratios that were to be reached, and those that were, as Markdown: a line for all tables of a
 * question that are to reach the same, with the least and the greatest. What is missed is bold.
 *
 * @param tablesOf the tables of a question; none where it has not been asked.
 */
export function ratioTable(
  targets: readonly Target[],
  tablesOf: (question: string) => readonly Table[],
): string {
  const groups = Map.groupBy(targets, ({ question, contender, against, atMost }) =>
    [question, contender, against, atMost].join("\n"),
  );
  const lines = [...groups.values()].flatMap((group) => {
    const [target] = group;
    if (!target) return [];
    const { question, table, contender, against, atMost } = target;
    const what = group.length === 1 ? `${question}, ${table}` : question;
    const ratios = group.flatMap((target) => ratioOf(target, tablesOf(question)) ?? []);
    return [[what, contender, against, `≤ ${atMost.toFixed(2)}`, told(ratios, atMost)]];
  });
  return markdownTable(["", "contender", "against", "was to be", "is"], lines);
}

function ratioOf(target: Target, tables: readonly Table[]): number | undefined {
  const rows = tables.find(({ name }) => name === target.table)?.rows ?? [];
  const medianOf = (name: string) =>
    median(rows.find(({ contender }) => contender === name)?.values ?? []);
  const ratio = medianOf(target.contender) / medianOf(target.against);
  return Number.isFinite(ratio) ? ratio : undefined;
}

function told(ratios: readonly number[], atMost: number): string {
  if (ratios.length === 0) return "–";
  const [least, greatest] = [Math.min(...ratios), Math.max(...ratios)];
  const range = [...new Set([least.toFixed(2), greatest.toFixed(2)])].join(" – ");
  return greatest <= atMost ? range : `**${range}**`;
}
