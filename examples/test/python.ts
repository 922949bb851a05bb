import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";

/** The command that runs Python; undefined without one. */
export const PYTHON = ["python3", "python"].find(
  (command) =>
    spawnSync(command, ["-c", "import sys; assert sys.version_info >= (3, 8)"]).status === 0,
);

/** Runs a script and returns its output. Rejects with the script's error output. */
export async function runPython(script: string, args: string[], cwd: string): Promise<string> {
  const child = spawn(PYTHON ?? "python3", ["-u", script, ...args], { cwd, timeout: 100_000 });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [printed, complaint, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  if (status !== 0) throw new Error(`${script} ended with ${status}. ${complaint}`);
  return printed;
}
