import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

const FOLDER = join(ROOT, "examples");

describe("a file of the examples", () => {
  const files = ["chat", "cursors"].flatMap((folder) =>
    readdirSync(join(FOLDER, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes(".wrangler"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );

  it.each(files)("has under 80 lines: %s", (file) => {
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(80);
  });
});

describe("the chat example", () => {
  const room = `/parties/chat/${crypto.randomUUID()}`;
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "chat/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  it("passes on what is said, remembers it, and tells who is here", async () => {
    const ada = await PlainClient.connect(worker, `${room}?name=Ada`);
    ada.send("hello");
    expect(await ada.next()).toBe("Ada: hello");
    const bob = await PlainClient.connect(worker, `${room}?name=Bob`);
    expect(await ada.next()).toBe("Bob has come in.");
    expect(await bob.next()).toBe("Ada: hello");
    const answer = (await (await fetch(new URL(room, worker.url))).json()) as { here: string[] };
    expect(answer.here.toSorted()).toEqual(["Ada", "Bob"]);
    await bob.close();
    expect(await ada.next()).toBe("Bob has left.");
    await ada.close();
  });

  it("lets nobody in without a name", async () => {
    await expect(PlainClient.connect(worker, room)).rejects.toThrow("401");
  });
});

describe("the cursors example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "cursors/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  it("tells everybody where the others are, until they leave", async () => {
    const room = `/parties/cursors/${crypto.randomUUID()}`;
    const ada = await PlainClient.connect(worker, `${room}?_pk=ada`);
    const bob = await PlainClient.connect(worker, `${room}?_pk=bob`);
    bob.send("not a point");
    ada.send("[0.5,0.25]");
    expect(JSON.parse(await bob.next())).toEqual([["ada", { x: 0.5, y: 0.25 }]]);
    await ada.close();
    expect(JSON.parse(await bob.next())).toEqual([]);
    await bob.close();
  });

  it("serves its page", async () => {
    const page = await fetch(worker.url);
    expect(await page.text()).toContain("page.js");
  });
});
