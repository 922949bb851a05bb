/**
 * Fills docs/performance.md from `results/*.json`, so that the page says what was measured:
 * `node bench/performance-page.ts`. With `--check` it changes nothing, and fails where it would.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { writeBars } from "./charts.ts";
import { fillMarked } from "./page/markdown.ts";
import { PEER_QUESTIONS, peerTables, peerText } from "./page/peers.ts";
import { ratioTable } from "./page/ratios.ts";
import { resultTables } from "./page/result-tables.ts";
import type { Table } from "./question.ts";
import type { machine } from "./results.ts";
import { TARGETS } from "./targets.ts";

/** What is kept of a question that was asked in full: see `results.ts`. */
interface Result {
  readonly title: string;
  readonly date: string;
  readonly machine: ReturnType<typeof machine>;
  readonly versions: Readonly<Record<string, string>>;
  readonly tables: readonly Table[];
}

/** The part of the page that compares all questions with what was to be reached. */
const RATIOS = "ratios";

/** The part that shows a few of all questions beside what people run on Node. */
const PEERS = { name: "peers", title: "What does a delivery cost, against a Node process?" };

const PAGE = new URL("../docs/performance.md", import.meta.url);
const RESULTS = new URL("results/", import.meta.url);

const before = readFileSync(PAGE, "utf8");
const after = fillMarked(before, sectionOf);
if (process.argv.includes("--check")) {
  if (after !== before) {
    console.error("docs/performance.md is not what was measured: node bench/performance-page.ts");
    process.exitCode = 1;
  }
} else {
  writeFileSync(PAGE, after);
  const tables = peerTables(tablesOf);
  if (tables) await writeBars(PEERS.name, PEERS.title, tables);
}

/** A question's charts and tables, with where and when they were made. */
function sectionOf(question: string): string {
  if (question === RATIOS) return ratioTable(TARGETS, tablesOf);
  if (question === PEERS.name) return peersSection();
  const result = resultOf(question);
  if (!result) return `Not measured yet: \`pnpm bench ${question}\`.`;
  return [...chartsOf(question, result.title), resultTables(result.tables), madeAt(result)].join(
    "\n\n",
  );
}

/** The one chart, and what it comes to. */
function peersSection(): string {
  const tables = peerTables(tablesOf);
  const questions = PEER_QUESTIONS.map(({ question }) => question);
  if (!tables) return `Not measured yet: \`pnpm bench ${questions.join(" ")}\`.`;
  const made = [...new Set(questions.flatMap((question) => resultOf(question) ?? []).map(madeAt))];
  const chart = `![${PEERS.title}](../bench/results/${PEERS.name}.svg)`;
  return [chart, peerText(tables), ...made].join("\n\n");
}

function tablesOf(question: string): readonly Table[] {
  return resultOf(question)?.tables ?? [];
}

function resultOf(question: string): Result | undefined {
  const file = new URL(`${question}.json`, RESULTS);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as Result;
}

function chartsOf(question: string, title: string): string[] {
  return [`${question}.svg`, `${question}-growth.svg`]
    .filter((file) => existsSync(new URL(file, RESULTS)))
    .map((file) => {
      const what = file.endsWith("-growth.svg") ? `${title} By connections.` : title;
      return `![${what}](../bench/results/${file})`;
    });
}

function madeAt({ date, machine, versions }: Result): string {
  const { processor, cores, memoryBytes, platform, architecture } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const hardware = [`${cores} cores (${processor || architecture})`, memory, platform];
  return `Measured on ${date}: ${[...hardware, ...software].join(", ")}.`;
}
