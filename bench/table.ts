import { CONTENDERS, LIMIT, RIVAL, SOCKET_IO } from "./contenders.ts";
import type { Row, Table } from "./question.ts";
import { median, spread } from "./statistics.ts";

const GAP = "  ";

/** A table as text, its columns aligned: medians, how far the rounds lie apart, and the ratios. */
export function tableText(table: Table): string {
  const columns: Column[] = [
    { head: table.unit, cell: ({ values }) => figure(median(values)) },
    { head: "spread", cell: ({ values }) => percent(spread(values)) },
    { head: "× limit", cell: (row) => ratio(table, row, LIMIT) },
    { head: "× partyserver", cell: (row) => ratio(table, row, rivalOf(row)) },
    { head: "× Socket.IO", cell: (row) => ratio(table, row, SOCKET_IO) },
    ...besideNames(table).map((head) => ({
      head,
      cell: ({ beside }: Row) => figure(beside?.[head]),
    })),
  ];
  const shown = columns.filter(({ cell }) => table.rows.some((row) => cell(row) !== ""));
  const lines = [
    [table.name, ...shown.map(({ head }) => head)],
    ...table.rows.map((row) => [row.contender, ...shown.map(({ cell }) => cell(row))]),
  ];
  const text = aligned(lines);
  return table.note === undefined ? text : `${text}\n${table.note}`;
}

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

/** Whoever stays in memory is compared with whoever does, too. */
function rivalOf({ contender }: Row): string {
  const known = Object.values(CONTENDERS).find(({ name }) => name === contender);
  return known && !("hibernates" in known) ? CONTENDERS.rivalInMemory.name : RIVAL;
}

function ratio({ rows }: Table, { contender, values }: Row, against: string): string {
  const other = rows.find((row) => row.contender === against);
  if (!other || contender === against) return "";
  return (median(values) / median(other.values)).toFixed(2);
}

function besideNames({ rows }: Table): string[] {
  return [...new Set(rows.flatMap(({ beside = {} }) => Object.keys(beside)))];
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** Three digits that count, and all those before the point. */
function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  const digits = Math.abs(value) >= 100 ? 0 : 2 - Math.floor(Math.log10(Math.abs(value) || 1));
  return value.toLocaleString("en", {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

function percent(share: number): string {
  return Number.isFinite(share) ? `±${(share * 100).toFixed(0)}%` : "";
}
