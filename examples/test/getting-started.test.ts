import { connect } from "@partyflare/client";
import type { AnyContract } from "@partyflare/shared";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { startWorker } from "./worker-process";

const run = promisify(execFile);

const BIN = join(ROOT, "node_modules/.bin");
const EXAMPLES_BIN = join(ROOT, "examples/node_modules/.bin");

/** The files of a reader who follows both pages. */
const files = ["docs/getting-started.md", "docs/guide/testing.md"].flatMap((page) =>
  codeBlocks(readDocument(page)).flatMap(({ code, fileName = htmlName(code) }) =>
    fileName === undefined ? [] : [{ fileName, code }],
  ),
);

function htmlName(code: string): string | undefined {
  return /^<!-- (\S+) -->\n/.exec(code)?.[1];
}

/** The environment of a terminal: without the variables of the Vitest that runs this test. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_ENV|TEST$)/.test(name)),
);

describe("the pages on tests", () => {
  it.each(["docs/guide/testing.md", "docs/recipes/testing.md"])(
    "%s installs and uses the plugin of the starter's projects",
    (page) => {
      const config = join(ROOT, "packages/create-partyflare/templates/base/vitest.config.ts");
      const [, plugin] = /from "(@cloudflare\/[\w-]+)"/.exec(readFileSync(config, "utf8")) ?? [];
      const blocks = codeBlocks(readDocument(page)).map(({ code }) => code);
      const named = blocks.flatMap((code) => code.match(/@cloudflare\/vitest-[\w-]+/g) ?? []);
      expect(new Set(named)).toEqual(new Set([plugin]));
    },
  );
});

describe("the project of getting started, with the test of the testing page", () => {
  // Inside the repository, so that imports find the packages as an installed project does.
  const parent = join(ROOT, "examples/.results");
  let folder: string;

  beforeAll(() => {
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(join(parent, "getting-started-"));
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    for (const { fileName, code } of files) writeFileSync(join(folder, fileName), code);
  });

  afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

  /** Runs a command in the project's folder. Rejects with the command's output if it fails. */
  function inFolder(command: string, ...args: string[]) {
    return run(command, args, { cwd: folder, env, timeout: 120_000 });
  }

  it("prints each file once", () => {
    const names = files.map(({ fileName }) => fileName);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(["contract.ts", "worker.ts", "chat.test.ts"]));
  });

  it.each(["tsconfig.json", "tsconfig.page.json", "tsconfig.test.json"])(
    "compiles with its %s",
    async (config) => {
      const { stdout } = await inFolder(join(BIN, "tsc"), "--project", config).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe("");
    },
  );

  it("passes the test of the testing page", async () => {
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${report}`];
    await inFolder(join(BIN, "vitest"), "run", "--testTimeout=60000", ...reporters);
    const printed = files.find(({ fileName }) => fileName === "chat.test.ts")?.code ?? "";
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({
      numPassedTests: printed.match(/^it\(/gm)?.length,
      numTotalTests: printed.match(/^it\(/gm)?.length,
    });
  });

  it("serves its room, with the configuration as it is printed", async () => {
    await using worker = await startWorker(join(folder, "wrangler.jsonc"));
    const room = connect<AnyContract>({ host: worker.url.host, party: "chat", room: "lobby" });
    const welcome = await new Promise((resolve) => room.once("said", resolve));
    expect(welcome).toEqual({ by: "room", text: "Welcome to lobby." });
    room.close();
  });

  it("is built by Vite, page and Worker", async () => {
    await inFolder(join(EXAMPLES_BIN, "vite"), "build");
    expect(existsSync(join(folder, "dist/client/index.html"))).toBe(true);
    expect(existsSync(join(folder, "dist/my_chat/wrangler.json"))).toBe(true);
  });
});
