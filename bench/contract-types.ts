/**
 * What a large contract costs the type checker: 200 events and 100 calls, a party that handles
 * them all, and a client's view of them, against an empty file beside the same libraries.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const EVENTS = 200;
const CALLS = 100;
const ROUNDS = 7;

/** What docs/guide/contracts.md promises: no more than this on top of the empty file. */
const LIMIT_SECONDS = 2;

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TSC = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));

/** Type-checks both files by turns and compares the medians. Fails beyond the limit. */
export function contractTypes(): void {
  const folder = mkdtempSync(join(HERE, ".types-"));
  try {
    const files = { empty: emptyFile(), contract: contractFile() };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, `${name}.ts`), text);
      writeFileSync(join(folder, `${name}.json`), projectOf(name));
    }
    const seconds = { empty: [] as number[], contract: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const name of ["empty", "contract"] as const) {
        const taken = check(join(folder, `${name}.json`));
        // The first round warms the disk's cache.
        if (round > 0) seconds[name].push(taken);
      }
      process.stderr.write(`\rround ${round} of ${ROUNDS}`);
    }
    const [empty, contract] = [median(seconds.empty), median(seconds.contract)];
    const more = contract - empty;
    console.log(`\nempty file: ${empty.toFixed(2)} s`);
    console.log(`${EVENTS} events and ${CALLS} calls: ${contract.toFixed(2)} s`);
    console.log(`more: ${more.toFixed(2)} s (limit ${LIMIT_SECONDS} s)`);
    if (more > LIMIT_SECONDS) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function check(project: string): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [TSC, "-p", project], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout);
  return (performance.now() - start) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function projectOf(name: string): string {
  return JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: { types: ["@cloudflare/workers-types"] },
    files: [`${name}.ts`],
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
