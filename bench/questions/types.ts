/**
 * What a large contract costs the type checker: 200 events and 100 calls, a party that handles
 * them all, and a client's view of them, against an empty file beside the same libraries.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { Question } from "../question.ts";
import { takeTurns } from "../rounds.ts";
import { median } from "../statistics.ts";

const EVENTS = 200;
const CALLS = 100;

/** What docs/guide/contracts.md promises: no more than this on top of the empty file. */
const LIMIT_SECONDS = 2;

const BENCH = fileURLToPath(new URL("..", import.meta.url));
const TSC = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

const FILES = { "empty file": emptyFile(), contract: contractFile() };

/** Type-checks both files by turns. Fails beyond the limit. */
export const types: Question = {
  name: "types",
  title: `What do ${EVENTS} events and ${CALLS} calls cost the type checker?`,
  ask: async (context) => {
    const folder = mkdtempSync(join(BENCH, ".types-"));
    try {
      const turns = Object.entries(FILES).map(([contender, text], index) => {
        const project = join(folder, `${index}.json`);
        writeFileSync(join(folder, `${index}.ts`), text);
        writeFileSync(project, projectOf(`${index}.ts`));
        return { contender, take: async () => ({ value: check(project) }) };
      });
      const name = `${EVENTS} events and ${CALLS} calls`;
      const rows = await takeTurns(context, name, turns, 1);
      const [empty = [], contract = []] = rows.map(({ values }) => values);
      const more = median(contract) - median(empty);
      if (more > LIMIT_SECONDS) process.exitCode = 1;
      const note = `More than the empty file: ${more.toFixed(2)} s, at most ${LIMIT_SECONDS} s.`;
      return [{ name, unit: "s", rows, note }];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function check(project: string): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [TSC, "-p", project], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout);
  return (performance.now() - start) / 1_000;
}

function projectOf(file: string): string {
  return JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: { types: ["@cloudflare/workers-types"] },
    files: [file],
  });
}

/** The libraries are loaded, and nothing is asked of them. */
function emptyFile(): string {
  return `export { Party, defineContract } from "partyflare";\nexport * as z from "zod";\n`;
}

function contractFile(): string {
  const list = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join("\n");
  const schema = "z.object({ text: z.string(), at: z.number(), tags: z.array(z.string()) })";
  return `
import { defineContract, Party, type } from "partyflare";
import * as z from "zod";
const contract = defineContract({
  fromClient: { ${list(EVENTS / 2, (index) => `heard${index}: ${schema},`)} },
  fromServer: { ${list(EVENTS / 2, (index) => `told${index}: ${schema},`)} },
  calls: { ${list(CALLS, (index) => `ask${index}: { input: ${schema}, output: type<{ n: ${index} }>(), errors: { no: type<string>() } },`)} },
  state: z.object({ name: z.string() }),
  tags: ["host", "guest"],
});
export class Large extends Party.for(contract) {
  override authorize() { return { name: "" }; }
  readonly on = this.handle({
    ${list(EVENTS / 2, (index) => `heard${index}: (from, data) => this.emit("told${index}", data, { except: [from.id] }),`)}
    ${list(CALLS, (index) => `ask${index}: (from, { text }) => { from.setState({ name: text }); return { n: ${index} }; },`)}
  });
}
`;
}
