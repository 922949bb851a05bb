import { randomKey } from "@partyflare/shared";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { kit } from "../../test/kit-party";
import { openRoom } from "./index";

const KINDS = ["KIT", "KIT_IN_MEMORY", "KIT_UNBATCHED"] as const;

describe.each(KINDS)("a room of %s", (kind) => {
  it("exchanges events and calls with clients", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.join<typeof kit>({ token: "ada" });
    const bob = await room.join({ token: "bob" });

    for (const text of ["one", "two", "three"]) ada.emit("say", { text });

    for (const text of ["one", "two", "three"]) {
      expect(await bob.next("said")).toEqual({ by: "ada", text });
      expect(await ada.next("said")).toEqual({ by: "ada", text });
    }
    expect(await ada.call("post", "durable")).toBe(1);
    expect(await bob.next("posted")).toBe("durable");
    await bob.nothing();
  });

  it("shows presence and shared state", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.join({ token: "ada" });
    const bob = await room.join({ token: "bob" });

    await ada.waitUntil(() => ada.presence.size === 2);
    expect(ada.presence.others).toMatchObject([{ info: { name: "bob" } }]);
    await bob.call("vote", "red");
    await ada.waitUntil(() => expect(ada.shared.value).toEqual({ votes: { red: 1 } }) ?? true);

    await bob.close();
    await room.advance(5_000);
    expect(ada.presence.members).toMatchObject([{ info: { name: "ada" } }]);
  });

  it("has presence and shared state at once, for a client that subscribes as it joins", async () => {
    const room = await openRoom(env[kind]);
    await room.join({ token: "ada" });
    const bob = await room.join({ token: "bob", subscribe: ["presence", "shared"] });
    expect(bob.presence.members.map(({ info }) => info.name)).toEqual(["ada", "bob"]);
    expect(bob.shared.value).toEqual({ votes: {} });
  });

  it("exchanges messages with raw connections", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.joinRaw({ token: "ada" });
    const bob = await room.joinRaw({ headers: { "X-Name": "bob" } });
    expect(await ada.next()).toBe("welcome, ada");
    expect(await bob.next()).toBe("welcome, bob");

    ada.send("hello");
    ada.send(new Uint8Array([1, 2]));

    expect(await bob.next()).toBe("hello");
    expect(new Uint8Array((await bob.next()) as ArrayBuffer)).toEqual(new Uint8Array([1, 2]));
    await bob.nothing();
    await room.run((party) => party.getConnection(ada.id)?.close(4000, "enough"));
    expect(await ada.closed()).toEqual({ code: 4000, reason: "enough" });
    await bob.close();
    expect(await room.run((party) => party.getConnections())).toEqual([]);
  });

  it("restarts: memory is gone, clients reconnect, and storage stays", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.join({ token: "ada" });
    const raw = await room.joinRaw();
    await ada.call("post", "before");
    expect(await room.run((party) => party.calls)).toBe(1);

    await room.restart();

    expect(ada.status.state).toBe("open");
    expect(await raw.closed()).toMatchObject({ code: 1006 });
    expect(await room.run((party) => [party.calls, party.past.head])).toEqual([0, 1]);
    expect(await ada.call("post", "after")).toBe(1);
    expect(await ada.next("posted")).toBe("before");
    expect(await ada.next("posted")).toBe("after");
  });

  it("restarts, whatever the party waits for: its timers are gone too", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.join({ token: "ada" });
    await ada.call("wait", 30_000);
    const pending = room.run(() => new Promise<never>(() => {})).catch(() => "gone");

    await room.restart();

    expect(await pending).toBe("gone");
    await room.advance(60_000);
    await ada.nothing();
    expect(await ada.call("post", "after")).toBe(1);
  });

  it("goes on for a client whose network was cut, without a loss", async () => {
    const room = await openRoom(env[kind]);
    const ada = await room.join({ token: "ada" });
    const bob = await room.join({ token: "bob" });

    ada.cut();
    expect(ada.status.state).not.toBe("open");
    const answer = ada.call("post", "from ada");
    await bob.call("post", "from bob");
    // The room has seen nothing of the cut.
    expect(await room.run((party) => party.getConnections().length)).toBe(2);

    await ada.reconnect();
    expect(await answer).toBe(2);
    expect(await ada.next("posted")).toBe("from bob");
    expect(await ada.next("posted")).toBe("from ada");
    expect(await room.run((party) => party.getConnections().length)).toBe(2);
  });
});

it("sleeps: memory is gone, and connections stay", async () => {
  const room = await openRoom(env.KIT, "a room that sleeps");
  const ada = await room.join({ token: "ada" });
  const raw = await room.joinRaw();
  await ada.call("post", "before");

  await room.sleep();
  await room.sleep();

  expect(await room.run((party) => party.calls)).toBe(0);
  ada.emit("say", { text: "awake" });
  expect(await ada.next("said")).toEqual({ by: "ada", text: "awake" });
  raw.send("raw");
  expect(await raw.next()).toBe("welcome, guest");
  expect(await raw.next()).toContain('"posted"');
  expect(await raw.next()).toContain('"awake"');
  expect(await raw.next()).toBe("raw");
  expect(ada.received.filter(({ kind }) => kind === "status")).toHaveLength(1);
});

it("has a name of its own, or the one that was given", async () => {
  const lobby = await openRoom(env.KIT, "lobby");
  const [one, two] = [await openRoom(env.KIT), await openRoom(env.KIT)];
  expect(lobby.name).toBe("lobby");
  expect(one.name).not.toBe(two.name);
  expect(await lobby.run((party) => party.room)).toBe("lobby");
  expect(await lobby.stub.room).toBe("lobby");
});

it("closes a client: the room does not list it any more", async () => {
  const room = await openRoom(env.KIT);
  const ada = await room.join();
  await ada.close();
  expect(await room.run((party) => party.getConnections())).toEqual([]);
  await ada.reconnect();
  expect(await room.run((party) => party.getConnection(ada.id)?.client)).toBe(ada.client);
});

it("closes a client whose id the same client has taken over, as a reload does", async () => {
  const room = await openRoom(env.KIT);
  const key = randomKey();
  const [ada, raw] = [await room.join({ id: "ada", key }), await room.joinRaw({ id: "raw", key })];
  await room.join({ id: "ada", key });
  await room.joinRaw({ id: "raw", key });
  await Promise.all([ada.close(), raw.close()]);
  expect(await room.run((party) => party.getConnections().length)).toBe(2);
});
