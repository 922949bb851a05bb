import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { MigrateCommand } from "../arguments";
import type { Surroundings } from "../create";
import { Failure } from "../failure";
import { addCommand, packageManagerOf } from "../package-manager";
import { writeFiles } from "../project";
import { unwritable } from "../target-folder";
import { importsOf, SWAPS } from "./imports";
import type { Note } from "./note";
import { partiesOf } from "./parties";
import { readPartyKitConfig } from "./partykit-config";
import { resourcesOf } from "./resources";
import { workerEntryOf } from "./worker-entry";
import { wranglerConfigOf } from "./wrangler-config";

const CONFIG = "wrangler.jsonc";

/** wrangler's other names of its configuration. It reads the first that there is. */
const OTHER_CONFIGS = ["wrangler.json", "wrangler.toml"];

/**
 * Makes wrangler's configuration and a Worker from `partykit.json`, and prints what they lack.
 *
 * @throws Failure for a mistake that the reader can mend. Nothing is written then.
 */
export function migrate({ folder, isForced }: MigrateCommand, surroundings: Surroundings): void {
  const path = resolve(folder);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new Failure(`There is no folder "${folder}". Name the folder of your PartyKit project.`);
  }
  const found = readPartyKitConfig(path, folder);
  const notes: Note[] = [];
  const parties = partiesOf(found, path);
  const { config: resources, renamed } = resourcesOf(found.config, notes);
  const entry = workerEntryOf(parties, { crons: found.config.crons, renamed });
  const names = { parties, main: entry.path, fallbackName: basename(path), resources };
  const config = wranglerConfigOf(found.config, names, notes);

  checkExisting(path, entry.path, isForced);
  const files = new Map([
    [CONFIG, `// Made from ${found.file}.\n${JSON.stringify(config, null, 2)}\n`],
    [entry.path, entry.text],
  ]);
  try {
    writeFiles(path, files);
  } catch (error) {
    throw unwritable(folder, error);
  }
  report(path, [...files.keys()], [...notes, ...alwaysLost(path)], surroundings);
}

function checkExisting(path: string, entry: string, isForced: boolean): void {
  if (isForced) return;
  const existing = [CONFIG, ...OTHER_CONFIGS, entry].filter((file) => existsSync(join(path, file)));
  if (existing.length === 0) return;
  throw new Failure(
    `${existing.join(" and ")} would be replaced. Move it away, or add --force to write over it.`,
  );
}

/** What no configuration can carry. */
function alwaysLost(path: string): Note[] {
  const notes: Note[] = [
    {
      field: "the data of your rooms",
      reason: "PartyKit's platform has ended, and a Worker of yours has a storage of its own.",
      remedy: "Rooms begin empty. Read an export, if you have one, in onStart.",
    },
    {
      field: 'secrets of "partykit env"',
      reason: "They were stored on PartyKit's platform.",
      remedy: 'Run "npx wrangler secret put NAME" for each.',
    },
  ];
  const dotenv = [".env", ".env.local"].filter((file) => existsSync(join(path, file)));
  if (dotenv.length > 0) {
    notes.push({
      field: dotenv.join(" and "),
      reason: "wrangler reads it for development only.",
      remedy: 'Run "npx wrangler secret put NAME" for each value that a deployed Worker needs.',
    });
  }
  for (const file of OTHER_CONFIGS) {
    if (!existsSync(join(path, file))) continue;
    notes.push({
      field: file,
      reason: "wrangler reads one configuration, and there are two now.",
      remedy: `Delete ${file}.`,
    });
  }
  return notes;
}

function report(
  path: string,
  files: readonly string[],
  notes: readonly Note[],
  { userAgent, print }: Surroundings,
): void {
  const imports = importsOf(path);
  const packageManager = packageManagerOf(userAgent);
  const add = (packages: string, isDev = false) =>
    `  ${addCommand(packageManager, packages, isDev)}`;
  const without = [...imports.without].map(([name, file]) => ({
    field: `"${name}" in ${file}`,
    reason: "It has no counterpart here.",
    remedy: "Keep the package if it works with a plain class, or replace it.",
  }));
  const width = Math.max(...Object.keys(SWAPS).map((name) => name.length)) + 2;
  const sections = [
    `Wrote ${files.join(" and ")}.`,
    `Not carried over:\n\n${[...notes, ...without].map(item).join("\n")}`,
    `Change these imports${imports.files.length > 0 ? ` in ${imports.files.join(", ")}` : ""}:\n\n` +
      Object.entries(SWAPS)
        .map(([from, to]) => `  ${`"${from}"`.padEnd(width)}  →  "${to}"`)
        .join("\n"),
    `Pass your clients the host of your Worker in place of …partykit.dev.`,
    `Next:\n\n${[
      add("partyflare @partyflare/client"),
      add("wrangler @cloudflare/workers-types", true),
      "  npx wrangler dev",
    ].join("\n")}\n`,
  ];
  if (isDependency(path, "partykit")) {
    sections.push('Your package.json still has "partykit". Remove it when everything works.\n');
  }
  print(sections.join("\n\n"));
}

function item({ field, reason, remedy }: Note): string {
  return `- ${field}: ${reason} ${remedy}`;
}

function isDependency(path: string, name: string): boolean {
  const manifest = join(path, "package.json");
  if (!existsSync(manifest)) return false;
  return new RegExp(`"${name}":\\s*"`).test(readFileSync(manifest, "utf8"));
}
