import { shortNumber } from "../charts/look.ts";
import { middleHalf } from "../charts/middle-half.ts";
import { SOCKET_IO } from "../contenders.ts";
import type { Row, Table } from "../question.ts";
import { median } from "../statistics.ts";
import { type Cells, markdownTable, wrapped } from "./markdown.ts";

/** A table with more rows is a profile: the chart shows it. */
const MOST_ROWS = 20;

/** From so many tables of one unit on they become one, with a column each. */
const TOGETHER_FROM = 5;

/** What was measured, as Markdown. */
export function resultTables(tables: readonly Table[]): string {
  const shown = tables.filter(({ rows }) => rows.length <= MOST_ROWS);
  const byUnit = Map.groupBy(shown, ({ unit }) => unit);
  return [...byUnit.values()]
    .flatMap((tables) => (tables.length < TOGETHER_FROM ? tables.map(detailed) : together(tables)))
    .join("\n\n");
}

/** A line a contender: its median, the middle half of the rounds, ratios, what else was seen. */
function detailed({ name, unit, rows, note }: Table): string {
  const others = [limitOf(rows), libraryOf(rows), peerOf(rows)].filter((row) => row !== undefined);
  const isSpread = rows.some(({ values }) => values.length > 1);
  const beside = [...new Set(rows.flatMap(({ beside = {} }) => Object.keys(beside)))];
  const header = [
    "",
    unit,
    ...(isSpread ? ["middle half"] : []),
    ...others.map(({ contender }) => `× ${contender}`),
    ...beside,
  ];
  const lines = rows.map((row): Cells => [
    row.contender,
    shortNumber(median(row.values)),
    ...(isSpread ? [middleHalf(row.values).map(shortNumber).join(" – ")] : []),
    ...others.map((other) => ratio(row, other)),
    ...beside.map((key) => optional(row.beside?.[key])),
  ]);
  return paragraphs(`**${name}**`, markdownTable(header, lines), note && wrapped(note));
}

/** A line a contender and a column a table: medians, and in brackets the ratio to the limit. */
function together(tables: readonly Table[]): string {
  const contenders = [
    ...new Set(tables.flatMap(({ rows }) => rows.map(({ contender }) => contender))),
  ];
  const lines = contenders.map((contender): Cells => [
    contender,
    ...tables.map(({ rows }) => {
      const row = rows.find((row) => row.contender === contender);
      if (!row) return "–";
      const limit = limitOf(rows);
      const number = shortNumber(median(row.values));
      return limit ? `${number} (${ratio(row, limit)})` : number;
    }),
  ]);
  const limit = tables.map(({ rows }) => limitOf(rows)).find(Boolean);
  const brackets = limit ? ` In brackets: × ${limit.contender}.` : "";
  const notes = new Set(tables.flatMap(({ note }) => note ?? []));
  return paragraphs(
    `Medians, in ${tables[0]?.unit}.${brackets}`,
    markdownTable(["", ...tables.map(({ name }) => name)], lines),
    ...[...notes].map((note) => wrapped(note)),
  );
}

/** What can hardly be beaten. */
function limitOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ contender }) => /^(hand-written|JSON\.parse)/.test(contender));
}

/** What others have written for the same platform, or the same job. */
function libraryOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ contender }) => /^party(server|socket)/.test(contender));
}

/** What others run elsewhere. */
function peerOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ contender }) => contender === SOCKET_IO);
}

/** How many times the other's median a row's is. */
function ratio({ values }: Row, other: Row): string {
  return (median(values) / median(other.values)).toFixed(2);
}

function optional(value: number | undefined): string {
  return value === undefined ? "–" : shortNumber(value);
}

function paragraphs(...texts: readonly (string | undefined)[]): string {
  return texts.filter(Boolean).join("\n\n");
}
