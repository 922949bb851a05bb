import { join } from "node:path";
import { entriesOf, textOf } from "./files";

/** The modules of PartyKit and of its client, and what to import in their place. */
export const SWAPS: Readonly<Record<string, string>> = {
  "partykit/server": "partyflare/compat/partykit",
  partysocket: "@partyflare/client/compat/partysocket",
  "partysocket/react": "@partyflare/client/compat/partysocket/react",
  "partysocket/use-ws": "@partyflare/client/compat/partysocket/use-ws",
  "partysocket/ws": "@partyflare/client/compat/partysocket/ws",
};

/** Modules that have no counterpart. */
const WITHOUT =
  /["'](y-partykit[\w/-]*|partymix|partykit\/client|partysocket\/event-target-polyfill)["']/g;

const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;

/** Folders that nobody edits. */
const SKIPPED = new Set(["node_modules", "dist", "build", ".git", ".partykit", ".wrangler"]);

/** The imports to change in a project. Paths have slashes. */
export interface Imports {
  /** The files that import a module of `SWAPS`, in order. */
  readonly files: readonly string[];
  /** The modules of `SWAPS` that they import. */
  readonly modules: ReadonlySet<string>;
  /** The modules without a counterpart, and a file that imports each. */
  readonly without: ReadonlyMap<string, string>;
}

/** Finds the imports to change. */
export function importsOf(folder: string): Imports {
  const files: string[] = [];
  const modules = new Set<string>();
  const without = new Map<string, string>();
  for (const path of sourcesIn(folder)) {
    const text = textOf(join(folder, path));
    const swapped = Object.keys(SWAPS).filter(
      (name) => text.includes(`"${name}"`) || text.includes(`'${name}'`),
    );
    if (swapped.length > 0) files.push(path);
    for (const name of swapped) modules.add(name);
    for (const [, name = ""] of text.matchAll(WITHOUT)) {
      if (!without.has(name)) without.set(name, path);
    }
  }
  return { files, modules, without };
}

function* sourcesIn(folder: string, inner = ""): Generator<string> {
  for (const entry of entriesOf(join(folder, inner))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* sourcesIn(folder, path);
    } else if (entry.isFile() && SOURCE.test(entry.name)) {
      yield path;
    }
  }
}
