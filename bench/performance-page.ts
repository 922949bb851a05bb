/**
 * Writes `results/*.json` into the pages that show them: `node bench/performance-page.ts`.
 * With `--check` it writes nothing, and fails if a page differs from the results.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { writeBars } from "./charts.ts";
import { filledPage, PAGES, PEERS, warningsOfReasons } from "./page/pages.ts";
import { peerTables } from "./page/peers.ts";
import { tablesOf } from "./page/results.ts";

const ROOT = new URL("../", import.meta.url);

const isCheck = process.argv.includes("--check");
for (const page of PAGES) {
  const file = new URL(page, ROOT);
  const before = readFileSync(file, "utf8");
  const after = filledPage(page, before);
  if (after === before) continue;
  if (isCheck) {
    console.error(`${page} differs from bench/results: node bench/performance-page.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, after);
  }
}
if (!isCheck) {
  const tables = peerTables(tablesOf);
  if (tables) await writeBars(PEERS.name, PEERS.title, tables);
}
for (const warning of warningsOfReasons()) console.warn(warning);
