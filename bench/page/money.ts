import { shortNumber } from "../charts/look.ts";
import type { Table } from "../question.ts";
import { median } from "../statistics.ts";
import { type Cells, markdownTable } from "./markdown.ts";

/** What is counted for the bill, as the tables of `cost` name it. */
const COUNTED = ["requests a day", "rows written a day", "rows read a day", "GB-s a day"];

/** What rooms cost in money, in one table: a line for each room and each way to write it. */
export function moneyTable(tables: readonly Table[]): string {
  const header = ["room", "written with", "$ a month", ...COUNTED];
  const lines = tables.flatMap(({ name, rows }) =>
    rows.map(({ contender, values, beside }): Cells => [
      name,
      contender,
      `$${median(values).toFixed(2)}`,
      ...COUNTED.map((key) => shortNumber(beside?.[key] ?? Number.NaN)),
    ]),
  );
  return markdownTable(header, lines);
}
