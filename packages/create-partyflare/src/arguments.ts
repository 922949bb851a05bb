import { parseArgs } from "node:util";
import { Failure } from "./failure";
import { type Framework, FRAMEWORKS, type Template, TEMPLATES } from "./templates";

/** What the command line asks for. */
export type Command = CreateCommand | MigrateCommand | { kind: "help" } | { kind: "version" };

/** To create a project. What is undefined was not typed. */
export interface CreateCommand {
  readonly kind: "create";
  readonly folder: string | undefined;
  readonly template: Template | undefined;
  readonly framework: Framework | undefined;
  /** Whether to ask nothing, and take defaults. */
  readonly isYes: boolean;
  readonly installs: boolean;
  readonly usesGit: boolean;
}

/** To move a PartyKit project. */
export interface MigrateCommand {
  readonly kind: "migrate";
  readonly folder: string;
  /** Whether to write over files that exist. */
  readonly isForced: boolean;
}

const OPTIONS = {
  template: { type: "string", short: "t" },
  framework: { type: "string" },
  react: { type: "boolean" },
  vanilla: { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  "no-install": { type: "boolean" },
  "no-git": { type: "boolean" },
  force: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Options that only one of the two commands has. */
const OF_MIGRATE: readonly string[] = ["force"];
const OF_BOTH: readonly string[] = ["help", "version"];

/**
 * Reads a command line.
 *
 * @throws Failure that names the mistake and the remedy.
 */
export function readArguments(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  if (values.help || positionals[0] === "help") return { kind: "help" };
  if (values.version) return { kind: "version" };
  const isMigrate = positionals[0] === "migrate";
  const [folder, ...others] = isMigrate ? positionals.slice(1) : positionals;
  checkPositionals(others);
  for (const name of Object.keys(values)) {
    if (OF_BOTH.includes(name) || OF_MIGRATE.includes(name) === isMigrate) continue;
    throw new Failure(
      isMigrate
        ? `"migrate" has no option --${name}. It has --force.`
        : `--${name} is an option of "migrate" only. Leave it out.`,
    );
  }
  if (isMigrate) {
    return { kind: "migrate", folder: folder ?? ".", isForced: values.force ?? false };
  }
  return {
    kind: "create",
    folder,
    template: templateOf(values.template),
    framework: frameworkOf(values),
    isYes: values.yes ?? false,
    installs: !values["no-install"],
    usesGit: !values["no-git"],
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node's own first sentence: "Unknown option '--foo'". The others are on how to quote.
    const [mistake = ""] = String(error instanceof Error ? error.message : error).split(/\. |\n/);
    throw new Failure(`${mistake}. "create-partyflare --help" lists the options.`);
  }
}

/** npm keeps options for itself that stand before `--`, and passes on their values. */
function checkPositionals(others: readonly string[]): void {
  if (others.length === 0) return;
  throw new Failure(
    `There is one word too many: "${others[0]}". Give one folder; with npm, write "--" before ` +
      "the options, as in: npm create partyflare@latest my-party -- --template chat",
  );
}

function templateOf(name: string | undefined): Template | undefined {
  if (name === undefined) return undefined;
  const found = TEMPLATES.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = TEMPLATES.map((each) => each.name).join(", ");
  throw new Failure(`There is no template "${name}". Choose one of: ${names}.`);
}

function frameworkOf(values: {
  framework?: string;
  react?: boolean;
  vanilla?: boolean;
}): Framework | undefined {
  const { framework } = values;
  const named = FRAMEWORKS.filter((each) => each === framework || values[each]);
  if (named.length > 1) {
    throw new Failure(`A page is written in one of ${FRAMEWORKS.join(" and ")}. Choose one.`);
  }
  if (framework !== undefined && !FRAMEWORKS.some((each) => each === framework)) {
    throw new Failure(`There is no framework "${framework}". Choose one of: react, vanilla.`);
  }
  return named[0];
}
