import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { type RunningWorker, startWorker } from "./worker-process";

const run = promisify(execFile);

const readme = codeBlocks(readDocument("README.md"));

const gettingStarted = codeBlocks(readDocument("docs/getting-started.md"));

/** Returns the code of a page whose first line names this file. */
function block(fileName: string, of = readme): string {
  return of.find((candidate) => candidate.fileName === fileName)?.code ?? "";
}

describe("the first example of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-readme-"));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  let worker: RunningWorker;

  beforeAll(async () => {
    for (const name of ["contract.ts", "worker.ts", "page.ts"]) {
      writeFileSync(join(folder, name), block(name));
    }
    writeFileSync(join(folder, "wrangler.jsonc"), block("wrangler.jsonc", gettingStarted));
    for (const name of ["tsconfig.json", "tsconfig.page.json"]) {
      const config = block(name, gettingStarted).replace(
        `"skipLibCheck": true`,
        `"skipLibCheck": false`,
      );
      writeFileSync(join(folder, name), config);
    }
    symlinkSync(join(ROOT, "examples/node_modules"), join(folder, "node_modules"));
    worker = await startWorker(join(folder, "wrangler.jsonc"));
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it.each(["tsconfig.json", "tsconfig.page.json"])(
    "compiles with the %s of getting-started, and so do the types of its dependencies",
    async (config) => {
      // tsc prints its errors to stdout.
      const { stdout } = await run(tsc, ["-p", join(folder, config)]).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe("");
    },
  );

  it("says hello in Node as in a browser, and hears it", async () => {
    expect(await talk()).toMatch(/^.+: hello\n$/);
  });

  it("sends a client that comes later what was said before", async () => {
    expect(await talk()).toMatch(/^.+: hello\n(.+: hello\n)+$/);
  });

  it("answers 404 to what is no room's", async () => {
    const response = await fetch(new URL("/elsewhere", worker.url));
    expect([response.status, await response.text()]).toEqual([404, "Not found"]);
  });

  /** Returns the output of page.ts before its call is answered. */
  async function talk(): Promise<string> {
    const program = block("page.ts")
      .replace("localhost:8787", worker.url.host)
      .replace(/^import type .*\n/m, "")
      .replace("<typeof chat>", "")
      .concat("\nroom.close();\n");
    const file = join(folder, "page.mjs");
    writeFileSync(file, program);
    const { stdout } = await run(process.execPath, [file], { timeout: 100_000 });
    return stdout;
  }
});
