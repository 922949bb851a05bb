import { existsSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { Failure } from "../failure";
import type { FoundConfig } from "./partykit-config";

/** A party of a PartyKit project. */
export interface MigratedParty {
  /** Its name in URLs. */
  readonly name: string;
  /** The Durable Object class, and the name of its binding. */
  readonly className: string;
  /** The file whose default export is the PartyKit class, from the project's folder. */
  readonly file: string;
  /** Whether an import of it without its extension would find another file. */
  readonly isHidden: boolean;
}

/** In the order in which wrangler's bundler tries them. */
const EXTENSIONS = [".tsx", ".ts", ".jsx", ".js"];

/**
 * Returns the parties of a configuration, the one called `main` first.
 *
 * @throws Failure if a file is missing, or if a name cannot be a class's.
 */
export function partiesOf(
  { file: configFile, config }: FoundConfig,
  folder: string,
): [MigratedParty, ...MigratedParty[]] {
  const { main, parties = {} } = config;
  if (main === undefined) {
    throw new Failure(`${configFile} has no "main". Add the path of your server: "src/server.ts".`);
  }
  const files = Object.entries({ main, ...parties });
  const found = files.map(([name, file]) => ({
    name,
    file,
    className: classNameOf(name),
    isHidden: isHidden(join(folder, file)),
  }));
  for (const [index, { name, className, file }] of found.entries()) {
    const isFile = statSync(join(folder, file), { throwIfNoEntry: false })?.isFile();
    if (!isFile) {
      throw new Failure(
        `"${file}", the party "${name}" of ${configFile}, is no file. Correct its path first.`,
      );
    }
    const other = found.findIndex((each) => each.className === className);
    if (other === index) continue;
    throw new Failure(
      `The parties "${found[other]?.name}" and "${name}" would both be the class ${className}. ` +
        "Rename one of them first.",
    );
  }
  return found as [MigratedParty, ...MigratedParty[]];
}

function isHidden(path: string): boolean {
  const extension = extname(path);
  const earlier = EXTENSIONS.slice(0, Math.max(0, EXTENSIONS.indexOf(extension)));
  const stem = path.slice(0, path.length - extension.length);
  return earlier.some((each) => existsSync(stem + each));
}

/** `my-party` and `my_party` are `MyParty`. Routing ignores case, dashes and underscores. */
function classNameOf(party: string): string {
  const name = party.replaceAll(/(?:^|[-_]+)(\w?)/g, (_, letter: string) => letter.toUpperCase());
  if (/^[A-Za-z]\w*$/.test(name)) return name;
  throw new Failure(
    `The party "${party}" cannot be the name of a class. Use letters, digits, dashes and ` +
      "underscores, and a letter first.",
  );
}
