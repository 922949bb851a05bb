import { connect, type RoomStatus, sharedState } from "@partyflare/client";
import { randomKey } from "@partyflare/shared";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { buzzer } from "../buzzer/contract";
import type { chat } from "../chat/contract";
import type { game } from "../game/contract";
import type { poll } from "../poll/contract";
import { ROOT } from "./documents";
import { PlainClient, type RunningWorker, startWorker } from "./worker-process";

const FOLDER = join(ROOT, "examples");

/** The keys of three browsers. */
const [ADA, BOB, EVE] = [randomKey(), randomKey(), randomKey()];

describe("a file of the examples", () => {
  const folders = ["auth", "buzzer", "chat", "cursors", "from-partykit", "from-partyserver"];
  const files = [...folders, "game", "hono", "poll"].flatMap((folder) =>
    readdirSync(join(FOLDER, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes(".wrangler"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );

  it.each(files)("has under 80 lines: %s", (file) => {
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(80);
  });

  it.each(files.filter((file) => file.endsWith(".html")))("has a main landmark: %s", (file) => {
    expect(readFileSync(file, "utf8").match(/<main>/g)).toHaveLength(1);
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

  /** Connects a browser's tab, and returns the connection with the votes that it shows. */
  function enter(room: string, key: string) {
    const client = connect<typeof poll>({ ...at(worker), party: "poll", room, key });
    const shared = sharedState(client);
    return {
      client,
      shared,
      sees: (...votes: string[]) =>
        vi.waitFor(() => {
          expect(Object.values(shared.value?.votes ?? { none: "yet" }).toSorted()).toEqual(votes);
        }, 55_000),
    };
  }

  it("counts one vote for each browser, in however many tabs, and shows it to everybody", async () => {
    const room = crypto.randomUUID();
    const [ada, tab, bob] = [enter(room, ADA), enter(room, ADA), enter(room, BOB)];
    await bob.sees();
    await ada.client.call("vote", { option: " Soup " });
    await bob.sees("soup");
    await tab.client.call("vote", { option: "cake" });
    await bob.sees("cake");
    await bob.client.call("vote", { option: "cake" });
    await ada.sees("cake", "cake");
    for (const { client } of [ada, tab, bob]) client.close();
  });

  it("shows a vote at once, and takes it back if the room refuses it", async () => {
    const ada = enter(crypto.randomUUID(), ADA);
    await ada.sees();
    const me = ada.client.client ?? "";
    const vote = (option: string) =>
      ada.shared.optimistic(ada.client.call("vote", { option }), (value) => ({
        ...value,
        votes: { ...value.votes, [me]: option },
      }));
    const accepted = vote("soup");
    expect(ada.shared.value?.votes).toEqual({ [me]: "soup" });
    await accepted;
    expect(ada.shared.value?.votes).toEqual({ [me]: "soup" });
    await expect(vote("stones")).rejects.toMatchObject({ code: "invalid" });
    expect(ada.shared.value?.votes).toEqual({ [me]: "soup" });
    ada.client.close();
  });

  it("keeps votes when their voters leave, and while the room is out of memory", async () => {
    const room = crypto.randomUUID();
    const ada = enter(room, ADA);
    const bob = enter(room, BOB);
    await ada.client.call("vote", { option: "soup" });
    ada.client.close();
    await bob.sees("soup");
    await worker.hibernate("Poll", room);
    await bob.client.call("vote", { option: "cake" });
    const returned = enter(room, ADA);
    await returned.sees("cake", "soup");
    bob.client.close();
    returned.client.close();
  });

  it("lets the first client close it, and nobody else", async () => {
    const room = crypto.randomUUID();
    const ada = enter(room, ADA);
    await ada.sees();
    const bob = enter(room, BOB);
    await expect(bob.client.call("close")).rejects.toMatchObject({ code: "forbidden" });
    await ada.client.call("close");
    await expect(bob.client.call("vote", { option: "soup" })).rejects.toMatchObject({
      code: "poll_closed",
    });
    expect(bob.shared.value?.phase).toBe("closed");
    ada.client.close();
    bob.client.close();
  });
});

describe("the game example", () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    worker = await startWorker(join(FOLDER, "game/wrangler.jsonc"));
  });
  afterAll(() => worker[Symbol.asyncDispose]());

  /** Connects a player, and returns what it sees of the game. */
  function enter(room: string, key: string) {
    const received: string[] = [];
    const client = connect<typeof game>({
      ...at(worker),
      party: "game",
      room,
      key,
      WebSocket: recording(received),
    });
    const shared = sharedState(client);
    const me = () => shared.value?.players.find(({ id }) => id === shared.value?.you);
    const others = () => shared.value?.players.filter((player) => player !== me());
    return { client, shared, me, others, received };
  }

  it("deals hands that only their players get, and gives the round to the highest card", async () => {
    const room = crypto.randomUUID();
    const players = [ADA, BOB, EVE].map((key) => enter(room, key));
    for (const [index, { client }] of players.entries()) {
      await client.call("join", { name: `Player ${index}` });
    }
    await players[0]?.client.call("deal");
    await vi.waitFor(() => {
      for (const { me } of players) expect(me()?.hand).toHaveLength(5);
    }, 55_000);
    for (const { others } of players) {
      expect(others()?.map(({ hand }) => hand)).toEqual([Array(5).fill(0), Array(5).fill(0)]);
    }
    const cards = players.map(({ me }) => Number(me()?.hand[0]));
    for (const [index, { client }] of players.entries()) {
      await client.call("play", { card: Number(cards[index]) });
    }
    await vi.waitFor(() => {
      for (const { shared } of players) {
        expect(new Set(Object.values(shared.value?.last ?? {}))).toEqual(new Set(cards));
      }
    }, 55_000);
    const highest = Math.max(...cards);
    for (const [index, { me }] of players.entries()) {
      expect(me()?.points).toBe(cards[index] === highest ? 1 : 0);
    }
    for (const { client, me, received } of players) {
      const all = received.join("\n");
      const hidden = players.flatMap((other) => (other.me === me ? [] : (other.me()?.hand ?? [])));
      const shown = [...all.matchAll(/"hand":\[([\d,]*)\]/g)].flatMap(([, hand = ""]) =>
        hand.split(",").map(Number),
      );
      expect(shown.filter((card) => hidden.includes(card))).toEqual([]);
      client.close();
    }
  });

  it("takes 2 to 8 players, and only cards of the own hand", async () => {
    const room = crypto.randomUUID();
    const players = Array.from({ length: 9 }, () => enter(room, randomKey()));
    const [ada, bob] = players as [ReturnType<typeof enter>, ReturnType<typeof enter>];
    await ada.client.call("join", { name: "Ada" });
    await expect(ada.client.call("deal")).rejects.toMatchObject({ code: "not_now" });
    for (const { client } of players.slice(1, 8)) await client.call("join", { name: "Guest" });
    await expect(players[8]?.client.call("join", { name: "Ninth" })).rejects.toMatchObject({
      code: "invalid",
      issues: [{ path: ["players"] }],
    });
    await bob.client.call("deal");
    await vi.waitFor(() => expect(ada.me()?.hand).toHaveLength(5), 55_000);
    const card = Number(ada.me()?.hand[0]);
    await expect(bob.client.call("play", { card })).rejects.toMatchObject({ code: "not_now" });
    await ada.client.call("play", { card });
    expect(ada.me()?.hand).toHaveLength(4);
    for (const { client } of players) client.close();
  });

  it("keeps the hands while the room is out of memory", async () => {
    const room = crypto.randomUUID();
    const [ada, bob] = [enter(room, ADA), enter(room, BOB)];
    await ada.client.call("join", { name: "Ada" });
    await bob.client.call("join", { name: "Bob" });
    await ada.client.call("deal");
    const hand = ada.me()?.hand ?? [];
    await worker.hibernate("Game", room);
    await ada.client.call("play", { card: Number(hand[0]) });
    expect(ada.me()?.hand).toEqual(hand.slice(1));
    ada.client.close();
    bob.client.close();
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
    // The room ignores a player's request.
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

/** Returns a Worker's address for a client. */
function at({ url }: RunningWorker) {
  return { host: url.host };
}

/** Returns the next event of a stream. */
async function next<Data>(events: AsyncIterator<Data>): Promise<Data | undefined> {
  const { value, done } = await events.next();
  return done ? undefined : value;
}

/** Returns a WebSocket class that records the messages that it receives. */
function recording(received: string[]): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => received.push(String(data)));
    }
  };
}
