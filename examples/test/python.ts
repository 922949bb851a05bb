import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";

/** What there is to run Python with; undefined where there is none. */
export const PYTHON = ["python3", "python"].find(
  (command) =>
    spawnSync(command, ["-c", "import sys; assert sys.version_info >= (3, 8)"]).status === 0,
);

/** Runs a script, and gives back what it printed. Rejects with what it complained of. */
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
