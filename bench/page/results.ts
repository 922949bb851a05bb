import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Table } from "../question.ts";
import type { machine } from "../results.ts";
import { median, spread } from "../statistics.ts";

/** What is kept of a question that was asked in full: see `../results.ts`. */
export interface Result {
  readonly title: string;
  readonly date: string;
  readonly machine: ReturnType<typeof machine>;
  readonly versions: Readonly<Record<string, string>>;
  readonly tables: readonly Table[];
}

const RESULTS = new URL("../results/", import.meta.url);

/** The result of a question; undefined where it has not been measured. */
export function resultOf(question: string): Result | undefined {
  const file = new URL(`${question}.json`, RESULTS);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as Result;
}

/** The questions that have been measured, by name. */
export function measuredQuestions(): string[] {
  return readdirSync(RESULTS)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .toSorted();
}

/** The tables of a question; none where it has not been measured. */
export function tablesOf(question: string): readonly Table[] {
  return resultOf(question)?.tables ?? [];
}

/** The charts of a question that exist, as names of files in `results`. */
export function chartsOf(question: string): string[] {
  return [`${question}.svg`, `${question}-growth.svg`].filter((file) =>
    existsSync(new URL(file, RESULTS)),
  );
}

/** When and on what a question was measured, in one line. */
export function madeAt({ date, machine, versions }: Result): string {
  const { processor, cores, memoryBytes, platform, architecture } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const hardware = [`${cores} cores (${processor || architecture})`, memory, platform];
  return `${date}: ${[...hardware, ...software].join(", ")}`;
}

/** A row of a result: `["calls", "adding two numbers", "Party, typed, hibernating"]`. */
export type Place = readonly [question: string, table: string, contender: string];

/** The median of a row; NaN where it has not been measured. */
export function medianAt(place: Place): number {
  return median(valuesAt(place));
}

/** How far the rounds of a row lie apart, as a share of the median. */
export function spreadAt(place: Place): number {
  return spread(valuesAt(place));
}

/** What else was seen of a row; NaN where it was not. */
export function besideAt([question, table, contender]: Place, name: string): number {
  return rowAt([question, table, contender])?.beside?.[name] ?? Number.NaN;
}

function valuesAt(place: Place): readonly number[] {
  return rowAt(place)?.values ?? [];
}

function rowAt([question, table, contender]: Place) {
  const found = tablesOf(question).find(({ name }) => name === table);
  return found?.rows.find((row) => row.contender === contender);
}
