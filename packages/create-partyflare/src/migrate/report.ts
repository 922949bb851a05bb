import type { Surroundings } from "../create";
import { addCommand, packageManagerOf } from "../package-manager";
import { importsOf, SWAPS } from "./imports";
import type { Note } from "./note";
import { isDependency, scriptsOf, workflowsOf } from "./scripts";

/** What was done to a project. */
interface Migrated {
  /** The project's folder. */
  readonly path: string;
  /** The file of PartyKit's server. */
  readonly main: string;
  /** The files that were written. */
  readonly files: readonly string[];
  /** What was not carried over. */
  readonly notes: readonly Note[];
}

/** Prints what was written, what was not carried over, and what the reader has to do. */
export function report(
  { path, main, files, notes }: Migrated,
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
  const hasPages = [...imports.modules].some((name) => name.startsWith("partysocket"));
  const sections = [
    `Wrote ${files.join(" and ")}.`,
    `Not carried over:\n\n${[...notes, ...without].map(item).join("\n")}`,
  ];
  if (imports.files.length > 0) {
    const swaps = Object.entries(SWAPS).filter(([from]) => imports.modules.has(from));
    const width = Math.max(...swaps.map(([from]) => from.length)) + 2;
    const lines = swaps.map(([from, to]) => `  ${`"${from}"`.padEnd(width)}  →  "${to}"`);
    sections.push(`Change these imports in ${imports.files.join(", ")}:\n\n${lines.join("\n")}`);
  }
  sections.push(...commandsToChange(path, main));
  sections.push(
    `Pass your clients the host of your Worker in place of …partykit.dev.`,
    `Next:\n\n${[
      add(hasPages ? "partyflare @partyflare/client" : "partyflare"),
      add("wrangler @cloudflare/workers-types", true),
      "  npx wrangler dev",
    ].join("\n")}\n`,
  );
  if (isDependency(path, "partykit")) {
    sections.push('Your package.json still has "partykit". Remove it when everything works.\n');
  }
  print(sections.join("\n\n"));
}

/** What calls `partykit`. */
function commandsToChange(path: string, main: string): string[] {
  const scripts = scriptsOf(path, main);
  const workflows = workflowsOf(path);
  const sections: string[] = [];
  if (scripts.size > 0) {
    const width = Math.max(...Array.from(scripts.keys(), (name) => name.length));
    const lines = Array.from(scripts, ([name, script]) => `  ${name.padEnd(width)}  ${script}`);
    sections.push(
      `Change these scripts in package.json:\n\n${lines.join("\n")}`,
      "wrangler's options differ, and it has no other command of PartyKit's.",
    );
  }
  if (workflows.length > 0) sections.push(`Change "partykit" in ${workflows.join(", ")} too.`);
  return sections;
}

function item({ field, reason, remedy }: Note): string {
  return `- ${field}: ${reason} ${remedy}`;
}
