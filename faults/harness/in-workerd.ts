import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder, undoAtExit } from "@partyflare/harness/clean-up";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** What of vitest's report is read. */
interface Report {
  numPassedTests: number;
  testResults: { assertionResults: { fullName: string; failureMessages: string[] }[] }[];
}

/**
 * Runs tests of `in-workerd/`, under vitest: always of the library as it is shipped.
 *
 * @param options `files` are parts of their names; `count` is how many faults each makes.
 * @returns how many tests have passed, which are all.
 */
export async function testInWorkerd(
  files: readonly string[],
  { seed, count }: { seed: number; count: number },
): Promise<number> {
  const folder = temporaryFolder();
  const file = join(folder.path, "report.json");
  const vitest = join(
    dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
    "vitest.mjs",
  );
  const child = spawn(
    process.execPath,
    [vitest, "run", ...files, "--reporter=json", `--outputFile=${file}`],
    {
      cwd: FOLDER,
      env: { ...process.env, FAULTS_SEED: String(seed), FAULTS_COUNT: String(count) },
      stdio: ["ignore", "ignore", "pipe"],
      // A group of its own, which can be ended with all that it has started.
      detached: true,
    },
  );
  const end = undoAtExit(() => endGroup(child.pid));
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors = (errors + text.toString()).slice(-5_000)));
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    const report = JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Partial<Report>;
    const failures = (report.testResults ?? [])
      .flatMap(({ assertionResults }) => assertionResults)
      .flatMap(({ fullName, failureMessages }) =>
        failureMessages.map((text) => `${fullName}: ${text}`),
      );
    if (code !== 0 || !report.numPassedTests) {
      const told = failures.join("\n") || `vitest has ended with ${code}: ${errors}`;
      throw new Error(`With seed ${seed}, ${told}`);
    }
    return report.numPassedTests ?? 0;
  } finally {
    end();
    folder.remove();
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already, with all its children.
  }
}
