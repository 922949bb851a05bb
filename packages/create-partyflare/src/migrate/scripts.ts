import { join, posix } from "node:path";
import { entriesOf, textOf } from "./files";

/** `partykit`, with a version or not, as the command that a shell runs, and its first word. */
const COMMAND =
  /(?<before>^|[;&|({!]\s*|\brun:\s*|\s--\s+|\b(?:npx|bunx|pnpx|exec|dlx|yarn|bun|pnpm|(?:yarn|bun) run|npm x)\s+(?:-\S+\s+)*|["'`]\s*|\b\w+=\S*\s+|\bnode_modules\/\.bin\/)partykit(?:@[\w.^~-]+)?(?=\s|["'`;&|)]|$)(?<rest>\s+[a-z]+)?/gm;

/** A command of wrangler that takes the Worker's file, and its arguments. */
const WITH_FILE = /(?<=\bwrangler\s+(?:dev|deploy)\b)[^;&|"'`)]*/g;

/** The commands that wrangler has too. */
const SAME = new Set(["delete", "deploy", "dev", "login", "logout", "tail", "whoami"]);

const WORKFLOWS = ".github/workflows";

/** The part of a package.json that this tool reads. Its reader may have written anything there. */
interface Manifest {
  readonly scripts?: unknown;
  readonly dependencies?: unknown;
  readonly devDependencies?: unknown;
}

/**
 * Returns the scripts of a project that call `partykit`, by name, as they should be with wrangler.
 *
 * @param main the file of PartyKit's server. wrangler would take it for the Worker.
 */
export function scriptsOf(folder: string, main: string): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const [name, script] of Object.entries(objectOf(manifestOf(folder).scripts))) {
    if (typeof script === "string" && calls(script)) changed.set(name, withWrangler(script, main));
  }
  return changed;
}

/** Returns the workflows of a project that call `partykit`. */
export function workflowsOf(folder: string): string[] {
  const path = join(folder, WORKFLOWS);
  return entriesOf(path)
    .filter(({ name }) => /\.ya?ml$/.test(name) && calls(textOf(join(path, name))))
    .map(({ name }) => `${WORKFLOWS}/${name}`);
}

/** Whether a project lists a package. */
export function isDependency(folder: string, name: string): boolean {
  const { dependencies, devDependencies } = manifestOf(folder);
  return [dependencies, devDependencies].some((list) => Object.hasOwn(objectOf(list), name));
}

function calls(text: string): boolean {
  return text.search(COMMAND) !== -1;
}

function withWrangler(script: string, main: string): string {
  return script
    .replaceAll(COMMAND, (command, before: string, rest = "") =>
      SAME.has(String(rest).trim()) ? `${before}wrangler${rest}` : command,
    )
    .replaceAll(WITH_FILE, (words) =>
      words.replaceAll(/\s+(\S+)/g, (word, path: string) =>
        posix.normalize(path) === posix.normalize(main) ? "" : word,
      ),
    );
}

/** Returns a project's package.json; one without fields if there is none that can be read. */
function manifestOf(folder: string): Manifest {
  try {
    return objectOf(JSON.parse(textOf(join(folder, "package.json"))));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}
