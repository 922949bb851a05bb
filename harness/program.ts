import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

/** Options of a process. */
export interface SpawnOptions {
  readonly stdio: StdioOptions;
  /** The most open files and sockets. Default: as for this process. */
  readonly openFiles?: number;
}

/** Starts a program, which may have a higher limit of open files than this process. */
export function spawnProgram(
  path: string,
  parameters: readonly string[],
  { stdio, openFiles }: SpawnOptions,
): ChildProcess {
  if (openFiles === undefined) return spawn(path, parameters, { stdio });
  // Node cannot raise a limit. The shell can, and then replaces itself with the program.
  const script = `ulimit -n ${openFiles} && exec "$0" "$@"`;
  return spawn("sh", ["-c", script, path, ...parameters], { stdio });
}
