import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { barsOf } from "./charts/bars.ts";
import { growthOf } from "./charts/growth.ts";
import type { Question, Table } from "./question.ts";

const RESULTS = new URL("results/", import.meta.url);

/**
 * Draws what was measured: `results/<question>.svg` with a bar a contender, and where tables differ
 * by the number of connections, `results/<question>-growth.svg` with how it grows.
 */
export async function writeCharts(question: Question, tables: readonly Table[]): Promise<void> {
  await writeBars(question.name, question.title, tables);
  const growth = growthOf(question.title, tables);
  if (growth) await draw(`${question.name}-growth.svg`, growth);
}

/** Draws `results/<name>.svg` with a bar a contender. */
export async function writeBars(
  name: string,
  title: string,
  tables: readonly Table[],
): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await draw(`${name}.svg`, barsOf(title, tables));
}

async function draw(file: string, spec: TopLevelSpec): Promise<void> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  await writeFile(fileURLToPath(new URL(file, RESULTS)), `${await view.toSVG()}\n`);
  view.finalize();
}
