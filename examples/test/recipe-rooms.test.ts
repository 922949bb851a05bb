import { readFileSync } from "node:fs";
import { join } from "node:path";
import { history, presence, sharedState } from "@partyflare/client";
import { randomKey } from "@partyflare/shared";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { codeBlocks, readDocument, ROOT } from "./documents";
import { enter, PATIENCE, Recipe } from "./recipe";
import type { RunningWorker } from "./worker-process";

/** Routes requests to all rooms. */
const ROUTER = `
import { Party } from "partyflare";
export default {
  fetch: (request, env) => Party.fetchRoomForRequest(request, env) || new Response(null, { status: 404 }),
};
`;

describe("the recipe of a poll", () => {
  const page = "docs/recipes/poll.md";
  const recipe = new Recipe(page, { party: "Poll", main: "poll.ts" });
  const secret = new Recipe(page, { party: "SecretPoll", main: "main.ts" });
  let worker: RunningWorker;
  let secretWorker: RunningWorker;

  beforeAll(async () => {
    secret.write("main.ts", `export * from "./secret";\n${ROUTER}`);
    [worker, secretWorker] = await Promise.all([recipe.start(), secret.start()]);
  });
  afterAll(async () => {
    await recipe[Symbol.asyncDispose]();
    await secret[Symbol.asyncDispose]();
  });

  it.each(["contract.ts", "poll.ts", "page/page.ts"])("prints the example's %s", (file) => {
    const block = codeBlocks(readDocument(page)).find(({ fileName }) => fileName === file);
    const example = readFileSync(join(ROOT, "examples/poll", file), "utf8");
    expect(block?.code).toBe(`// ${file}\n${example}`);
  });

  it("counts one vote for each browser, and shows the results to all", async () => {
    const address = { party: "poll", room: crypto.randomUUID() };
    const ada = enter(worker, { ...address, key: randomKey() });
    const bob = enter(worker, { ...address, key: randomKey() });
    await ada.call("vote", { option: "soup" });
    await ada.call("vote", { option: "cake" });
    await bob.call("vote", { option: "cake" });
    await vi.waitFor(() => {
      expect(Object.values(sharedState(ada).value?.votes ?? {})).toEqual(["cake", "cake"]);
    }, PATIENCE);
    ada.close();
    bob.close();
  });

  it("keeps secret votes to their voters", async () => {
    const address = { party: "secretpoll", room: crypto.randomUUID() };
    const ada = enter(secretWorker, { ...address, key: randomKey() });
    const bob = enter(secretWorker, { ...address, key: randomKey() });
    const seen = [sharedState(ada), sharedState(bob)];
    await ada.call("vote", "soup");
    await ada.call("vote", "cake");
    await vi.waitFor(() => {
      for (const { value } of seen) expect(value?.counts).toEqual({ soup: 0, cake: 1 });
    }, PATIENCE);
    const votes = seen.map(({ value }) => Object.values(value?.votes ?? {}));
    expect(votes).toEqual([["cake"], []]);
    ada.close();
    bob.close();
  });
});

describe("the recipe of cursors", () => {
  const recipe = new Recipe("docs/recipes/cursors.md", { party: "Cursors" });
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  it("shows a pointer to others, the newest place last, and that it left", async () => {
    const address = { party: "cursors", room: crypto.randomUUID() };
    const rooms = [enter(worker, address), enter(worker, address)] as const;
    const [ada, bob] = [presence(rooms[0]), presence(rooms[1])];
    const seen: unknown[] = [];
    bob.on("update", ({ presence: own }) => seen.push(own));
    bob.on("leave", () => seen.push("gone"));
    await vi.waitFor(() => expect([ada.size, bob.size]).toEqual([2, 2]), PATIENCE);
    for (let step = 0; step <= 100; step += 1) ada.set({ cursor: { x: step / 100, y: 0.5 } });
    await vi.waitFor(() => expect(seen.at(-1)).toEqual({ cursor: { x: 1, y: 0.5 } }), PATIENCE);
    // The other places were replaced while they waited.
    expect(seen.length).toBeLessThan(100);
    rooms[0].close();
    await vi.waitFor(() => expect(seen.at(-1)).toEqual("gone"), PATIENCE);
    rooms[1].close();
  });

  it("takes no place outside of the page", async () => {
    const room = enter(worker, { party: "cursors", room: crypto.randomUUID() });
    const refused = new Promise((resolve) => room.onError(resolve));
    presence(room).set({ cursor: { x: 1.5, y: 0 } });
    expect(await refused).toMatchObject({ code: "invalid", issues: [{ path: ["cursor", "x"] }] });
    room.close();
  });
});

describe("the recipe of reminders", () => {
  const recipe = new Recipe("docs/recipes/reminders.md", { party: "Reminders" });
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  it("reminds in the order of time, and of nothing that was cancelled", async () => {
    const program = recipe.run("page.ts");
    await vi.waitFor(() => expect(program.output).toContain("the second"), PATIENCE);
    expect(program.output).toBe("All is set.\nDue: the first\nDue: the second\n");
  });

  it("reminds after the room has slept, and keeps what fell due", async () => {
    const room = crypto.randomUUID();
    const ada = enter(worker, { party: "reminders", room });
    const due: unknown[] = [];
    ada.on("due", ({ text }) => due.push(text));
    const atMs = Date.now() + 1_000;
    for (const text of ["one", "two"]) await ada.call("remind", { text, atMs });
    await worker.hibernate("Reminders", room);
    await vi.waitFor(() => expect(due).toEqual(["one", "two"]), PATIENCE);
    const kept = await history(ada).read("due");
    expect(kept.map(({ data }) => data.text)).toEqual(["one", "two"]);
    ada.close();
  });

  it("takes more reminders at a time than one alarm handles", async () => {
    const ada = enter(worker, { party: "reminders", room: crypto.randomUUID() });
    const due = new Set<unknown>();
    ada.on("due", ({ id }) => due.add(id));
    const atMs = Date.now() + 1_000;
    const calls = Array.from({ length: 150 }, () => ada.call("remind", { text: "many", atMs }));
    await Promise.all(calls);
    // Where some are missing, it shows whether the room kept them: else its alarm did not ring.
    await vi.waitFor(
      async () => {
        const kept = await history(ada).read("due", { limit: 1_000 });
        expect({ kept: kept.length, due: due.size }).toEqual({ kept: 150, due: 150 });
      },
      { ...PATIENCE, interval: 200 },
    );
    ada.close();
  });
});

describe("the recipe of one person in several tabs", () => {
  const recipe = new Recipe("docs/recipes/tabs.md", { party: "Office" });
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await recipe.start();
  });
  afterAll(() => recipe[Symbol.asyncDispose]());

  it("counts a person once, and shows in one tab what was done in another", async () => {
    const address = { party: "office", room: crypto.randomUUID() };
    const key = "AAAAAAAAAAAAAAAAAAAAAA";
    const bob = enter(worker, address);
    const counts: number[] = [];
    bob.on("here", ({ people }) => counts.push(people.length));
    await vi.waitFor(() => expect(counts).toEqual([1]), PATIENCE);
    const [first, second] = [
      enter(worker, { ...address, key }),
      enter(worker, { ...address, key }),
    ];
    await vi.waitFor(() => expect(counts).toEqual([1, 2]), PATIENCE);
    await vi.waitFor(() => expect(second.latest("here")?.people.length).toBe(2), PATIENCE);
    const read: unknown[] = [];
    for (const room of [first, second, bob]) {
      room.on("wasRead", (data) => read.push([room === second, data]));
    }
    first.emit("read", { message: 7 });
    await vi.waitFor(() => expect(read).toEqual([[true, { message: 7 }]]), PATIENCE);
    first.close();
    second.close();
    // Closing the first tab changes nothing.
    await vi.waitFor(() => expect(counts).toEqual([1, 2, 1]), PATIENCE);
    bob.close();
  });

  it("has a page that finds itself", async () => {
    const program = recipe.run("page.ts");
    await vi.waitFor(() => expect(program.output).toBe("People here: 1\n"), PATIENCE);
  });
});

describe("the guide of shared state", () => {
  const page = "docs/guide/shared-state.md";
  const guide = new Recipe(page, { party: "Poll" });
  const others = new Recipe(page, { party: "Poll", main: "snapshot.ts" });
  let worker: RunningWorker;
  let other: RunningWorker;

  beforeAll(async () => {
    [worker, other] = await Promise.all([guide.start(), others.start()]);
  });
  afterAll(async () => {
    await guide[Symbol.asyncDispose]();
    await others[Symbol.asyncDispose]();
  });

  it("has a page that votes, and sees its vote when the call is answered", async () => {
    const program = guide.run("page.ts");
    await vi.waitFor(() => expect(program.output).toContain("Votes: 1"), PATIENCE);
    expect(program.output).toContain("open [ 'soup' ]");
    const ada = enter(worker, { party: "poll", room: "lunch" });
    await vi.waitFor(() => {
      expect(Object.values(sharedState(ada).value?.votes ?? {})).toEqual(["soup"]);
    }, PATIENCE);
    ada.close();
  });

  it("has a Worker that puts the value into its page", async () => {
    const ada = enter(other, { party: "poll", room: "lunch", key: randomKey() });
    await ada.call("vote", { choice: "cake" });
    await vi.waitFor(() => expect(sharedState(ada).value?.votes).toBeDefined(), PATIENCE);
    const html = await (await fetch(other.url)).text();
    const [, json = ""] = /id="poll">(.*)<\/script>/.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual({ phase: "open", votes: sharedState(ada).value?.votes });
    ada.close();
  });
});
