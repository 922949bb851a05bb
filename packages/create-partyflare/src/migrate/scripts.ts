import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `partykit`, with a version or not, as the command that a shell runs, and its first word. */
const COMMAND =
  /(?<before>^|[;&|(]\s*|\brun:\s*|\b(?:npx|bunx|pnpx|exec|dlx|yarn|bun|pnpm)\s+(?:-\S+\s+)*|["'`]\s*|\b\w+=\S*\s+)partykit(?:@[\w.^~-]+)?(?=\s|["'`;&|)]|$)(?<rest>\s+[a-z]+)?/gm;

/** The commands that wrangler has too. */
const SAME = new Set(["delete", "deploy", "dev", "login", "logout", "tail", "whoami"]);

const WORKFLOWS = ".github/workflows";

/** The part of a package.json that this tool reads. */
interface Manifest {
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

/** Returns the scripts of a project that call `partykit`, by name, as they should be with wrangler. */
export function scriptsOf(folder: string): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const [name, script] of Object.entries(manifestOf(folder).scripts ?? {})) {
    if (typeof script === "string" && calls(script)) changed.set(name, withWrangler(script));
  }
  return changed;
}

/** Returns the workflows of a project that call `partykit`. */
export function workflowsOf(folder: string): string[] {
  const path = join(folder, WORKFLOWS);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name) && calls(readFileSync(join(path, name), "utf8")))
    .map((name) => `${WORKFLOWS}/${name}`);
}

/** Whether a project lists a package. */
export function isDependency(folder: string, name: string): boolean {
  const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
  return name in dependencies || name in devDependencies;
}

function calls(text: string): boolean {
  return text.search(COMMAND) !== -1;
}

function withWrangler(script: string): string {
  return script.replaceAll(COMMAND, (command, before: string, rest = "") =>
    SAME.has(String(rest).trim()) ? `${before}wrangler${rest}` : command,
  );
}

/** Returns a project's package.json; one without fields if there is none that can be read. */
function manifestOf(folder: string): Manifest {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
