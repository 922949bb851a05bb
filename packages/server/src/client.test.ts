import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { base64Url } from "@partyflare/shared/internal";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type DurableRoom, durableScripts } from "../test/durable-party";
import { FramedClient } from "../test/framed-client";
import { describeDurableRooms, describeRooms, type SteppedRoom } from "../test/rooms";
import { openRoom } from "./testing/index";

/** The first 128 bits of the key's SHA-256, base64url. */
async function clientOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return base64Url(new Uint8Array(digest, 0, 16));
}

const clientIn = (room: SteppedRoom<DurableRoom>, id: string) =>
  room.run((party) => party.getConnection(id)?.client);

describeDurableRooms("connection.client", (open, kind) => {
  it("is the first 128 bits of the hash of its key, and never the key", async () => {
    const room = await open().kit();
    const key = randomKey();
    const ada = await room.join({ id: "ada", key });
    const client = await clientIn(room, "ada");
    expect(client).toBe(await clientOf(key));
    expect(client).toMatch(/^[\w-]{22}$/);
    expect(client).not.toBe(key);
    expect(ada.client).toBe(client);
  });

  it("is one for two ids of one key, and another for another key", async () => {
    const room = await open().kit();
    const key = randomKey();
    for (const id of ["tab-1", "tab-2"]) await room.join({ id, key });
    await room.join({ id: "bob" });
    const first = await clientIn(room, "tab-1");
    expect(await clientIn(room, "tab-2")).toBe(first);
    expect(await clientIn(room, "bob")).not.toBe(first);
  });

  it("is the same after a sleep, a takeover and a comeback under another id", async () => {
    const room = await open().kit();
    const key = randomKey();
    const ada = await room.join({ id: "ada", key });
    const before = await clientIn(room, "ada");
    expect(before).toMatch(/^[\w-]{22}$/);
    if (kind === "HIBERNATING") await room.sleep();
    expect(await clientIn(room, "ada")).toBe(before);
    await room.restart();
    await room.step();
    expect(await clientIn(room, "ada")).toBe(before);
    const taken = await room.join({ id: "ada", key });
    expect(await ada.closed()).toMatchObject({ code: 4409 });
    expect(await clientIn(room, "ada")).toBe(before);
    await taken.close();
    await room.join({ id: "other", key });
    expect(await clientIn(room, "other")).toBe(before);
  });

  it("is known in every hook, from getConnectionTags to onClose", async () => {
    const seen: unknown[] = [];
    const room = await open({
      getConnectionTags: (_party, { client }) => {
        seen.push(client);
        return [];
      },
      onConnect: (_party, { client }) => void seen.push(client),
      say: (_party, { client }) => seen.push(client),
      onClose: (_party, { client }) => void seen.push(client),
    }).kit();
    const ada = await room.join();
    await room.step();
    ada.emit("say", "hello");
    await ada.settle();
    await ada.close();
    await ada.waitUntil(() => seen.length === 4);
    expect(seen).toEqual(Array.from({ length: 4 }, () => ada.client));
  });
});

describeDurableRooms("connection.client without a key", (open) => {
  it("is the id, marked as such", async () => {
    const room = open();
    await FramedClient.join(room, { id: "ada", key: null });
    await FramedClient.join(room, { id: "id:ada", key: null });
    const clients = await runInDurableObject(room.stub, (party) =>
      ["ada", "id:ada"].map((id) => party.getConnection(id)?.client),
    );
    expect(clients).toEqual(["id:ada", "id:id:ada"]);
  });

  it("cannot be taken by an id that looks like it", async () => {
    const room = open({ history: { onJoin: 10 } });
    const ada = await FramedClient.join(room);
    const client = await clientOf(String(ada.key));
    const forger = await FramedClient.join(room, { id: client, key: null });
    const marked = await FramedClient.join(room, { id: `id:${client}`, key: null });
    await runInDurableObject(room.stub, (party) => {
      party.emit("said", "secret", { clients: [client] });
      party.emit("passing", "secret", { clients: [client] });
    });
    expect((await ada.frames(2)).map(([name, data]) => [name, data])).toEqual([
      ["said", "secret"],
      ["passing", "secret"],
    ]);
    for (const other of [forger, marked]) {
      expect(await other.received()).toEqual([]);
      expect(await other.history()).toEqual([]);
    }
  });
});

describeRooms("connection.client of a raw connection", (open) => {
  it("is that of its key, or of its id", async () => {
    const room = open({});
    const key = randomKey();
    await room.connect("?_pk=ada", ["partyflare.raw", `partyflare.key.${key}`]);
    await room.connect("?_pk=bob");
    const clients = await runInDurableObject(room.stub, (party) => [
      party.getConnection("ada")?.client,
      party.getConnection("bob")?.client,
    ]);
    expect(clients).toEqual([await clientOf(key), "id:bob"]);
  });
});

const KINDS = ["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const;

describe.each(KINDS)("emit with clients (%s)", (kind) => {
  it("reaches every connection of these clients, framed and raw, and no other", async () => {
    const room = await openRoom(env[kind]);
    const key = randomKey();
    const [ada, tab] = [await room.join({ key }), await room.join({ key })];
    const [raw, bob, cyd] = [await room.joinRaw({ key }), await room.join(), await room.join()];
    if (kind === "HIBERNATING_DURABLE") await room.sleep();
    const clients = [await clientOf(key), cyd.client];
    await room.run((party) => {
      party.emit("passing", "plain", { clients });
      party.emit("said", "durable", { clients });
    });
    for (const client of [ada, tab, cyd]) {
      expect(await client.next("passing")).toBe("plain");
      expect(await client.next("said")).toBe("durable");
    }
    expect(await raw.next()).toBe('["passing","plain"]');
    expect(await raw.next()).toMatch(/^\["said","durable",1,/);
    await Promise.all([ada, tab, raw, bob, cyd].map((client) => client.nothing()));
  });

  it("narrows and is narrowed by to, except and tags", async () => {
    const name = crypto.randomUUID();
    durableScripts.set(name, { getConnectionTags: (_party, { id }) => [id] });
    const room = await openRoom(env[kind], name);
    const key = randomKey();
    const ada = await room.join({ id: "ada", key });
    const tab = await room.join({ id: "tab", key });
    const bob = await room.join({ id: "bob" });
    const clients = [ada.client];
    await room.run((party) => {
      party.emit("passing", 1, { clients, tags: ["tab"] });
      party.emit("passing", 2, { clients, except: ["tab"] });
      party.emit("passing", 3, { clients, to: ["bob"] });
      party.emit("passing", 4, { clients: [] });
      party.emit("passing", 5, { clients, to: ["tab", "bob"] });
    });
    expect(await ada.next("passing")).toBe(2);
    expect([await tab.next("passing"), await tab.next("passing")]).toEqual([1, 5]);
    await Promise.all([ada, tab, bob].map((client) => client.nothing()));
  });
});
