import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

/** How a process is started. */
export interface SpawnOptions {
  readonly stdio: StdioOptions;
  /** How many files and sockets it may have open. Default: as many as this process. */
  readonly openFiles?: number;
}

/** Starts a program, which may be allowed more open files than this process is. */
export function spawnProgram(
  path: string,
  parameters: readonly string[],
  { stdio, openFiles }: SpawnOptions,
): ChildProcess {
  if (openFiles === undefined) return spawn(path, parameters, { stdio });
  // Node cannot raise a limit. The shell can, and becomes the program.
  const script = `ulimit -n ${openFiles} && exec "$0" "$@"`;
  return spawn("sh", ["-c", script, path, ...parameters], { stdio });
}
