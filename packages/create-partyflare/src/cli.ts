import { version } from "../package.json";
import { readArguments } from "./arguments";
import { create, type Surroundings } from "./create";
import { Failure } from "./failure";
import { HELP } from "./help";
import { migrate } from "./migrate/migrate";

/** Runs a command line. A mistake of the reader is one line on stderr, and the exit code is 1. */
export async function main(words: readonly string[]): Promise<void> {
  // A reader such as `head` may close the pipe before the last line.
  process.stdout.on("error", () => {});
  try {
    await run(words, surroundings());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function run(words: readonly string[], around: Surroundings): Promise<void> {
  const command = readArguments(words);
  switch (command.kind) {
    case "help":
      return around.print(HELP);
    case "version":
      return around.print(version);
    case "create":
      return create(command, around);
    case "migrate":
      return migrate(command, around);
    default:
      return command satisfies never;
  }
}

function surroundings(): Surroundings {
  const { stdin, stdout, env } = process;
  const isInteractive = stdin.isTTY && stdout.isTTY && !env.CI;
  return {
    terminal: isInteractive ? { input: stdin, output: stdout } : undefined,
    userAgent: env.npm_config_user_agent,
    nodeVersion: process.versions.node,
    print: (line) => void stdout.write(`${line}\n`),
  };
}
