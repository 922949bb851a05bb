import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

const run = promisify(execFile);

const blocks = codeBlocks(readDocument("README.md"));

/** The README's code that says it is this file. */
function block(fileName: string): string {
  return blocks.find((candidate) => candidate.fileName === fileName)?.code ?? "";
}

describe("the first example of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-readme-"));
  const room = `/parties/chat/${crypto.randomUUID()}`;
  let worker: RunningWorker;

  beforeAll(async () => {
    const [first] = blocks.filter(({ language }) => language === "ts");
    writeFileSync(join(folder, "worker.ts"), first?.code ?? "");
    writeFileSync(join(folder, "wrangler.jsonc"), block("wrangler.jsonc"));
    writeFileSync(join(folder, "tsconfig.json"), block("tsconfig.json"));
    symlinkSync(join(ROOT, "examples/node_modules"), join(folder, "node_modules"));
    worker = await startWorker(join(folder, "wrangler.jsonc"));
  });

  it("compiles with the README's own tsconfig.json, the types of its dependencies too", async () => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    // What tsc finds stands in its output.
    const { stdout } = await run(tsc, ["-p", folder]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it("lets two clients talk, and does not repeat to one what it said itself", async () => {
    const ada = await PlainClient.connect(worker, room);
    expect(await ada.next()).toMatch(/^Welcome/);
    const bob = await PlainClient.connect(worker, room);
    expect(await bob.next()).toMatch(/^Welcome/);
    ada.send("hello");
    expect(await bob.next()).toBe("hello");
    bob.send("hello yourself");
    expect(await ada.next()).toBe("hello yourself");
    await Promise.all([ada.close(), bob.close()]);
  });

  it("keeps rooms apart", async () => {
    const ada = await PlainClient.connect(worker, room);
    const stranger = await PlainClient.connect(worker, `${room}-other`);
    const neighbour = await PlainClient.connect(worker, `${room}-other`);
    await stranger.next();
    ada.send("for one room");
    neighbour.send("for the other");
    expect(await stranger.next()).toBe("for the other");
    await Promise.all([ada.close(), stranger.close(), neighbour.close()]);
  });

  it("answers 404 to what is no room's", async () => {
    const response = await fetch(new URL("/elsewhere", worker.url));
    expect([response.status, await response.text()]).toEqual([404, "Not Found"]);
  });
});

describe("the typed example of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-readme-"));
  let worker: RunningWorker;

  beforeAll(async () => {
    const config = block("wrangler.jsonc").replace("./worker.ts", "./typed.ts");
    writeFileSync(join(folder, "contract.ts"), block("contract.ts"));
    writeFileSync(join(folder, "typed.ts"), block("typed.ts"));
    writeFileSync(join(folder, "wrangler.jsonc"), config);
    symlinkSync(join(ROOT, "examples/node_modules"), join(folder, "node_modules"));
    worker = await startWorker(join(folder, "wrangler.jsonc"));
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it("does in Node what it does in a browser", async () => {
    const program = block("browser.ts")
      .replace("localhost:8787", worker.url.host)
      .replace(/^import type .*\n/m, "")
      .replace("<typeof chat>", "")
      .concat("\nroom.close();\n");
    const file = join(folder, "browser.mjs");
    writeFileSync(file, program);
    const { stdout } = await run(process.execPath, [file], { timeout: 100_000 });
    expect(stdout).toBe("Somebody: hello\nYou are Ada\n");
  });
});
