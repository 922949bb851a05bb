import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

const FOLDER = join(ROOT, "examples");

const read = (path: string) => readFileSync(join(FOLDER, path), "utf8");

describe("a chat of partyserver", () => {
  it("moves by a change of its import", () => {
    const before = read("from-partyserver/before.ts");
    const after = read("from-partyserver/chat.ts");
    expect(before).toContain('from "partyserver"');
    expect(after).toBe(before.replace('"partyserver"', '"partyflare/compat/partyserver"'));
  });

  it("keeps the messages of all its rooms, whatever their names", async () => {
    await using worker = await startWorker(join(FOLDER, "from-partyserver/before.wrangler.jsonc"));
    const rooms = ["café", "a b", "a/b", "cafe\u0301", "🎉", "lobby"].map(encodeURIComponent);
    for (const room of rooms) {
      const ada = await PlainClient.connect(worker, `/parties/chat/${room}?name=Ada`);
      ada.send(`of ${room}`);
      expect(JSON.parse(await ada.next())).toEqual({ name: "Ada", text: `of ${room}` });
      // partyserver does not answer a close without a code, and its client would wait for 10 s.
      ada.socket.terminate();
    }
    // A deploy of the moved program.
    const configPath = join(FOLDER, "from-partyserver/wrangler.jsonc");
    await worker.harness.update({ workers: [{ configPath }] });
    for (const room of rooms) {
      const bob = await PlainClient.connect(worker, `/parties/chat/${room}?name=Bob&role=host`);
      expect(JSON.parse(await bob.next())).toEqual({ name: "Ada", text: `of ${room}` });
      bob.send("hello");
      expect(JSON.parse(await bob.next())).toEqual({ name: "Bob", text: "hello" });
      expect(await bob.next()).toMatch(`${room}: `);
      await worker.hibernate("Chat", room);
      const response = await fetch(new URL(`/parties/chat/${room}`, worker.url));
      expect(await response.json()).toEqual({
        room,
        messages: [
          { name: "Ada", text: `of ${room}` },
          { name: "Bob", text: "hello" },
        ],
      });
      await bob.close();
    }
    await expect(PlainClient.connect(worker, "/parties/chat/lobby")).rejects.toThrow("401");
  });

  it("moves by an alias too, without a change of its code", async () => {
    await using worker = await startWorker(join(FOLDER, "from-partyserver/alias.wrangler.jsonc"));
    const ada = await PlainClient.connect(worker, "/parties/chat/lobby?name=Ada");
    // Only this library answers it.
    ada.send('["$ping"]');
    expect(await ada.next()).toBe('["$pong"]');
    await ada.close();
  });
});

describe("a chat of PartyKit", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "from-partykit/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  it("runs as it is, on old and new URLs, asleep, and by cron", async () => {
    const ada = await PlainClient.connect(worker, "/party/lobby?name=Ada");
    expect(JSON.parse(await ada.next())).toEqual({ room: "lobby", messages: [] });
    ada.send("hello");
    expect(await ada.next()).toBe("Ada: hello");
    await worker.hibernate("Main", "lobby");
    const bob = await PlainClient.connect(worker, "/parties/main/lobby?name=Bob");
    expect(JSON.parse(await bob.next())).toEqual({ room: "lobby", messages: ["Ada: hello"] });
    await worker.harness.getWorker().scheduled({ cron: "0 12 * * *" });
    expect([await ada.next(), await bob.next()]).toEqual(["It is noon.", "It is noon."]);
    await ada.close();
    expect(await bob.next()).toBe("Ada has left.");
    await bob.close();
  });

  it("runs its static functions in the Worker", async () => {
    await expect(PlainClient.connect(worker, "/party/lobby")).rejects.toThrow("401");
    expect(await (await fetch(new URL("/health", worker.url))).text()).toBe("ok");
    expect((await fetch(new URL("/nothing", worker.url))).status).toBe(404);
  });
});
