import { relative, resolve } from "node:path";
import type { CreateCommand } from "./arguments";
import { initialiseGit, install } from "./commands";
import { packageManagerOf, quoted, runCommand } from "./package-manager";
import { filesOf, NODE_OF_PROJECTS, writeFiles } from "./project";
import { projectNameOf } from "./project-name";
import { ask, defaultAnswers, type Terminal } from "./questions";
import { prepareFolder, unwritable } from "./target-folder";
import { FRAMEWORK_TITLES } from "./templates";

/** Where a command runs. */
export interface Surroundings {
  /** The terminal; undefined if nobody can answer there. */
  readonly terminal: Terminal | undefined;
  /** `npm_config_user_agent`. */
  readonly userAgent: string | undefined;
  /** Node's version: `24.21.0`. */
  readonly nodeVersion: string;
  /** Prints a line. */
  readonly print: (line: string) => void;
}

/**
 * Creates a project.
 *
 * @throws Failure for a mistake that the reader can mend.
 */
export async function create(command: CreateCommand, surroundings: Surroundings): Promise<void> {
  const { terminal, userAgent, nodeVersion, print } = surroundings;
  const { folder, template, framework } =
    terminal === undefined || command.isYes
      ? defaultAnswers(command)
      : await ask(command, terminal);
  const packageManager = packageManagerOf(userAgent);
  const path = resolve(folder);
  const name = projectNameOf(path);

  prepareFolder(path, folder);
  try {
    writeFiles(path, filesOf({ name, template, framework, packageManager }));
  } catch (error) {
    throw unwritable(folder, error);
  }
  print(`Created "${folder}": the template ${template.name}, in ${FRAMEWORK_TITLES[framework]}.`);
  if (command.usesGit) initialiseGit(path);
  if (isOlder(nodeVersion, NODE_OF_PROJECTS)) {
    print(
      `The project's tools need Node ${NODE_OF_PROJECTS} or newer, and this is ${nodeVersion}. ` +
        "Install a newer one from https://nodejs.org first.",
    );
  }
  if (command.installs) install(packageManager, path, folder);

  const target = relative(process.cwd(), path);
  const next = [
    ...(target === "" ? [] : [`cd ${quoted(target)}`]),
    ...(command.installs ? [] : [`${packageManager.name} install`]),
    runCommand(packageManager, "dev"),
  ];
  print(`\nNext:\n\n${next.map((line) => `  ${line}`).join("\n")}\n`);
}

/** Whether a version is older than another, by its first two numbers. */
function isOlder(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
