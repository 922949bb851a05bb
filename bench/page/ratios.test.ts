import { expect, test } from "vitest";
import type { Table } from "../question.ts";
import { ratioTable } from "./ratios.ts";

const TARGET = { question: "fan-out", contender: "ours", against: "theirs", atMost: 1.1 };

function tableOf(name: string, ours: number): Table {
  const rows = [
    { contender: "ours", values: [ours] },
    { contender: "theirs", values: [10] },
  ];
  return { name, unit: "µs", rows };
}

function lastCells(markdown: string): string[] {
  return markdown.split("\n").flatMap((line) => /\| +([^|:]+) \|$/.exec(line)?.[1] ?? []);
}

test("shows the least and the greatest of tables that are to reach the same; a miss is bold", () => {
  const targets = ["a", "b"].map((table) => ({ ...TARGET, table, tables: "both" }));
  const of = (ours: number) => ratioTable(targets, () => [tableOf("a", 9), tableOf("b", ours)]);
  expect(of(11)).toContain("| fan-out: both |");
  expect(lastCells(of(11))).toEqual(["is", "0.90 – 1.10"]);
  expect(lastCells(of(12))).toEqual(["is", "**0.90 – 1.20**"]);
  expect(lastCells(of(11.02))).toEqual(["is", "**0.900 – 1.102**"]);
});

test("says which ratio has not been measured", () => {
  const markdown = ratioTable([{ ...TARGET, table: "a" }], () => []);
  expect(lastCells(markdown)).toEqual(["is", "–"]);
  expect(markdown).toContain("`–`: not measured yet.");
});
