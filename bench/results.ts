import { mkdir, readFile, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Question, Table } from "./question.ts";
import { RUNTIME } from "./server.ts";

const RESULTS = fileURLToPath(new URL("results", import.meta.url));

/** More digits would tell nothing. */
const DIGITS = 5;

/** Keeps what was measured: `results/<question>.json`, with the machine and the versions. */
export async function writeResults(question: Question, tables: readonly Table[]): Promise<void> {
  const results = {
    question: question.name,
    title: question.title,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: await versions(),
    tables,
  };
  const text = JSON.stringify(results, (_key, value: unknown) => shortened(value), 2);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}/${question.name}.json`, `${text}\n`);
}

/** What it ran on. */
export function machine() {
  return {
    platform: `${platform()} ${release()}`,
    architecture: arch(),
    processor: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
}

async function versions() {
  return {
    node: process.versions.node,
    workerd: RUNTIME.version,
    partyserver: await versionOf("partyserver"),
    partyflare: await versionOf("partyflare"),
    ws: await versionOf("ws"),
    "socket.io": await versionOf("socket.io"),
    immer: await versionOf("immer"),
  };
}

async function versionOf(name: string): Promise<string> {
  const description = findPackageJSON(name, import.meta.url);
  if (description === undefined) throw new Error(`There is no ${name}.`);
  const { version } = JSON.parse(await readFile(description, "utf8")) as { version: string };
  return version;
}

function shortened(value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;
}
