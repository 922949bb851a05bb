import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { MigrateCommand } from "../arguments";
import type { Surroundings } from "../create";
import { Failure } from "../failure";
import { writeFiles } from "../project";
import { unwritable } from "../target-folder";
import type { Note } from "./note";
import { type MigratedParty, partiesOf } from "./parties";
import { readPartyKitConfig } from "./partykit-config";
import { report } from "./report";
import { resourcesOf } from "./resources";
import { entryFolderOf, workerEntryOf } from "./worker-entry";
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
  const existing = readdirSync(join(path, entryFolderOf(parties)));
  const entry = workerEntryOf(parties, { crons: found.config.crons, renamed, existing });
  const names = { parties, main: entry.path, fallbackName: basename(path), resources };
  const config = wranglerConfigOf(found.config, names, notes);

  checkSources(path, entry.path, found.file, parties);
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
  const [{ file: main }] = parties;
  report(
    { path, main, files: [...files.keys()], notes: [...notes, ...alwaysLost(path)] },
    surroundings,
  );
}

/** @throws Failure if the Worker would replace a party's own file, by way of a link. */
function checkSources(
  path: string,
  entry: string,
  configFile: string,
  parties: readonly MigratedParty[],
): void {
  if (!existsSync(join(path, entry))) return;
  const real = realpathSync(join(path, entry));
  const source = parties.find(({ file }) => realpathSync(join(path, file)) === real);
  if (source === undefined) return;
  throw new Failure(
    `"${source.file}", a party of ${configFile}, would be replaced. Rename it first.`,
  );
}

function checkExisting(path: string, entry: string, isForced: boolean): void {
  if (isForced) return;
  const existing = [CONFIG, ...OTHER_CONFIGS, entry].filter((file) =>
    // A link to nothing would be followed, and be a file outside of the project.
    lstatSync(join(path, file), { throwIfNoEntry: false }),
  );
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
