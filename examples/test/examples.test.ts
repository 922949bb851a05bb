import { connect, type RoomStatus } from "@partyflare/client";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { buzzer } from "../buzzer/contract";
import type { chat } from "../chat/contract";
import type { poll } from "../poll/contract";
import { ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

const FOLDER = join(ROOT, "examples");

describe("a file of the examples", () => {
  const files = ["auth", "buzzer", "chat", "cursors", "poll"].flatMap((folder) =>
    readdirSync(join(FOLDER, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes(".wrangler"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );

  it.each(files)("has under 80 lines: %s", (file) => {
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(80);
  });
});

describe("the chat example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "chat/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  it("passes on what is said, remembers it, and tells who is here", async () => {
    const room = crypto.randomUUID();
    const enter = (name: string) => {
      const client = connect<typeof chat>({ ...at(worker), party: "chat", room, query: { name } });
      return { client, said: client.events("said"), here: client.events("here") };
    };
    const ada = enter("Ada");
    expect(await next(ada.here)).toEqual(["Ada"]);
    ada.client.emit("say", { text: "  hello  " });
    expect(await next(ada.said)).toEqual({ by: "Ada", text: "hello" });
    const bob = enter("Bob");
    expect(await next(bob.said)).toEqual({ by: "Ada", text: "hello" });
    expect((await next(ada.here))?.toSorted()).toEqual(["Ada", "Bob"]);
    bob.client.close();
    expect(await next(ada.here)).toEqual(["Ada"]);
    ada.client.close();
  });

  it("gives a name once, and tells which is free", async () => {
    const location = { ...at(worker), party: "chat", room: crypto.randomUUID() };
    const ada = connect<typeof chat>({ ...location, query: { name: "Ada" } });
    expect(await ada.call("rename", { name: " Countess " })).toEqual({ name: "Countess" });
    const bob = connect<typeof chat>({ ...location, query: { name: "Bob" } });
    const refusal = await bob.call("rename", { name: "Countess" }).catch((error) => error);
    expect(refusal).toMatchObject({
      code: "name_taken",
      data: { suggestion: "Countess the Second" },
    });
    ada.close();
    bob.close();
  });

  it("lets clients without frames talk with those that have them", async () => {
    const room = crypto.randomUUID();
    const raw = await PlainClient.connect(worker, `/parties/chat/${room}?name=Raw`);
    expect(JSON.parse(await raw.next())).toEqual(["here", ["Raw"]]);
    raw.send("hello");
    const said = JSON.parse(await raw.next());
    expect(said.slice(0, 2)).toEqual(["said", { by: "Raw", text: "hello" }]);
    await raw.close();
  });

  it("lets nobody in without a name, and says why", async () => {
    const path = `/parties/chat/${crypto.randomUUID()}`;
    await expect(PlainClient.connect(worker, path)).rejects.toThrow("401");
    const nobody = connect<typeof chat>({ ...at(worker), party: "chat", room: path });
    const status = await new Promise<RoomStatus>((resolve) => {
      nobody.onStatus((now) => now.state === "closed" && resolve(now));
    });
    expect(status).toMatchObject({ state: "closed", error: { code: "unauthorized" } });
  });
});

describe("the poll example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "poll/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  /** A connection of a person, and its latest news. */
  function enter(room: string, user: string) {
    const token = async () => {
      const answer = await fetch(new URL("/token", worker.url), { method: "POST", body: user });
      return answer.text();
    };
    const client = connect<typeof poll>({ ...at(worker), party: "poll", room, token });
    return {
      client,
      sees: (results: object) =>
        vi.waitFor(() => expect(client.latest("counted")).toEqual(results), 55_000),
      voted: (option: string) =>
        vi.waitFor(() => expect(client.latest("voted")).toEqual({ option }), 55_000),
    };
  }

  it("counts one vote for each person, in however many tabs, and shows it to everybody", async () => {
    const room = crypto.randomUUID();
    const [ada, tab, bob] = [enter(room, "ada"), enter(room, "ada"), enter(room, "bob")];
    await bob.sees([]);
    expect(await ada.client.call("vote", { option: " Soup " })).toEqual({ option: "soup" });
    await bob.sees([{ option: "soup", votes: 1 }]);
    await tab.voted("soup");
    await tab.client.call("vote", { option: "cake" });
    await ada.voted("cake");
    await bob.sees([{ option: "cake", votes: 1 }]);
    await bob.client.call("vote", { option: "cake" });
    await ada.sees([{ option: "cake", votes: 2 }]);
    for (const { client } of [ada, tab, bob]) client.close();
  });

  it("keeps votes when their voters leave, and while the room is out of memory", async () => {
    const room = crypto.randomUUID();
    const ada = enter(room, "ada");
    const bob = enter(room, "bob");
    await ada.client.call("vote", { option: "soup" });
    ada.client.close();
    await bob.sees([{ option: "soup", votes: 1 }]);
    await worker.hibernate("Poll", room);
    await bob.client.call("vote", { option: "soup" });
    const returned = enter(room, "ada");
    await returned.voted("soup");
    await returned.sees([{ option: "soup", votes: 2 }]);
    bob.client.close();
    returned.client.close();
  });

  it("refuses a vote that is empty, and a stranger", async () => {
    const room = crypto.randomUUID();
    const ada = enter(room, "ada");
    const refusal = await ada.client.call("vote", { option: " " }).catch((error) => error);
    expect(refusal).toMatchObject({ code: "invalid", issues: [{ path: ["option"] }] });
    ada.client.close();
    const stranger = connect<typeof poll>({ ...at(worker), party: "poll", room, token: "ada" });
    const status = await new Promise<RoomStatus>((resolve) => {
      stranger.onStatus((now) => now.state === "closed" && resolve(now));
    });
    expect(status).toMatchObject({ error: { code: "unauthorized" } });
  });
});

describe("the buzzer example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "buzzer/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  it("announces who was first, until the host resets it", async () => {
    const location = { ...at(worker), party: "buzzer", room: crypto.randomUUID() };
    const host = connect<typeof buzzer>({ ...location, query: { host: true } });
    const player = connect<typeof buzzer>(location);
    const ready = player.events("ready");
    expect(await player.call("buzz")).toEqual({ isFirst: true });
    // A player's word does not count.
    player.emit("reset");
    expect(await player.call("buzz")).toEqual({ isFirst: false });
    host.emit("reset");
    await next(ready);
    expect(await host.call("buzz")).toEqual({ isFirst: true });
    host.close();
    player.close();
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

/** Where a client finds a Worker. */
function at({ url }: RunningWorker) {
  return { host: url.host };
}

/** The next event of a stream. */
async function next<Data>(events: AsyncIterator<Data>): Promise<Data | undefined> {
  const { value, done } = await events.next();
  return done ? undefined : value;
}
