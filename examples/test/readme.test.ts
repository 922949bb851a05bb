import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

describe("the first example of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyflare-readme-"));
  const room = `/parties/chat/${crypto.randomUUID()}`;
  let worker: RunningWorker;

  beforeAll(async () => {
    const blocks = codeBlocks(readDocument("README.md"));
    const example = blocks.find(({ language }) => language === "ts");
    const config = blocks.find(({ language }) => language === "jsonc");
    writeFileSync(join(folder, "worker.ts"), example?.code ?? "");
    writeFileSync(join(folder, "wrangler.jsonc"), config?.code ?? "");
    symlinkSync(join(ROOT, "examples/node_modules"), join(folder, "node_modules"));
    worker = await startWorker(join(folder, "wrangler.jsonc"));
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
