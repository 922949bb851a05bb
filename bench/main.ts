// Measures what rooms cost. `pnpm bench` asks every question, `pnpm bench fan-out` one;
// `--quick` asks a few with little of everything, and fails only where a ratio has slipped.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { writeCharts } from "./charts.ts";
import { showProgress } from "./progress.ts";
import type { Question, QuestionContext, Scale, Table } from "./question.ts";
import { QUESTIONS, QUICK_QUESTIONS } from "./questions.ts";
import { writeResults } from "./results.ts";
import { RUNTIME } from "./server.ts";
import { tableText } from "./table.ts";
import { judge, verdictText } from "./verdict.ts";

const ROUNDS = { full: "9", quick: "3" };

const { values, positionals } = parseArgs({
  // pnpm hands on the `--` that separates its own options from the script's.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, rounds: { type: "string" } },
});
const scale: Scale = values.quick ? "quick" : "full";
const context: QuestionContext = {
  scale,
  rounds: Number(values.rounds ?? ROUNDS[scale]),
  progress: showProgress,
};

console.log(`workerd ${RUNTIME.version}, Node ${process.versions.node}, ${cpus()[0]?.model}`);
for (const question of chosen()) {
  console.log(`\n▸ ${question.name}: ${question.title}`);
  try {
    if (!(await answer(question))) process.exitCode = 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

function chosen(): readonly Question[] {
  const unknown = positionals.filter((asked) => !QUESTIONS.some(({ name }) => name === asked));
  if (unknown.length > 0) {
    const known = QUESTIONS.map(({ name }) => name).join(", ");
    console.error(`There is no ${unknown.join(", ")}. There is: ${known}.`);
    process.exitCode = 1;
    return [];
  }
  if (positionals.length > 0) return QUESTIONS.filter(({ name }) => positionals.includes(name));
  return scale === "quick" ? QUICK_QUESTIONS : QUESTIONS;
}

/** Asks, and shows and keeps the answer. @returns whether its targets were reached. */
async function answer(question: Question): Promise<boolean> {
  const startMs = performance.now();
  const tables: Table[] = await question.ask(context);
  showProgress("");
  for (const table of tables) console.log(`\n${tableText(table)}`);
  const verdicts = judge(question, scale, tables);
  if (verdicts.length > 0) console.log();
  for (const verdict of verdicts) console.log(`  ${verdictText(verdict)}`);
  console.log(`  ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  if (scale === "full") {
    await writeResults(question, tables);
    await writeCharts(question, tables);
  }
  return verdicts.every(({ isReached }) => isReached);
}
