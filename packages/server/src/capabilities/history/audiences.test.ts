import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { dataIn, FramedClient, type JoinOptions } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

type Room = TestRoom<DurableRoom>;

/** Tells the room what to do, as its own code would. */
const inRoom = (room: Room, run: (party: DurableRoom) => unknown) =>
  runInDurableObject(room.stub, async (party) => void (await run(party)));

/** All that a client is shown of the past: on joining, and when it asks. */
async function shownTo(room: Room, options: JoinOptions) {
  const client = await FramedClient.join(room, options);
  const shown = { sent: dataIn(await client.received()), history: await client.history() };
  await client.leave();
  return shown;
}

const NOTHING = { sent: [], history: [] };
const KEEPS_TEN: DurableScript = { history: { onJoin: 10 } };

/** The ways in which a durable event is for one connection. */
const PRIVATE_WAYS: readonly [string, (party: DurableRoom) => void][] = [
  ["connection.emit", (party) => party.getConnection("ada")?.emit("said", "secret")],
  ["emit with to", (party) => party.emit("said", "secret", { to: ["ada"] })],
];

describeDurableRooms("a durable event for one connection", (open) => {
  it.each(PRIVATE_WAYS)(
    "by %s never reaches a stranger that takes its id later",
    async (_way, emit) => {
      const room = open(KEEPS_TEN);
      const ada = await FramedClient.join(room, { id: "ada" });
      const eve = await FramedClient.join(room, { id: "eve" });
      await inRoom(room, emit);
      expect(dataIn(await ada.received())).toEqual(["secret"]);
      expect(await eve.received()).toEqual([]);
      await ada.leave();
      await eve.leave();
      for (const key of [eve.key, randomKey(), null]) {
        // By onJoin, by $history, and by resume from a place that the stranger has itself been at.
        expect(await shownTo(room, { id: "ada", key })).toEqual(NOTHING);
        expect(await shownTo(room, { id: "ada", key, at: eve.place })).toEqual(NOTHING);
        expect(await shownTo(room, { id: "ada", key, at: ada.place })).toEqual(NOTHING);
      }
    },
  );

  it.each(PRIVATE_WAYS)(
    "by %s without a key is no keyed client's that takes the id, even while it is open",
    async (_way, emit) => {
      const room = open(KEEPS_TEN);
      const start = await FramedClient.join(room, { id: "ada", key: null });
      await inRoom(room, emit);
      expect(dataIn(await start.received())).toEqual(["secret"]);
      const stranger = await FramedClient.join(room, { id: "ada", at: start.hello.history });
      await start.socket.closed();
      expect(await stranger.received()).toEqual([]);
      expect(await stranger.history()).toEqual([]);
      await stranger.leave();
      const back = await shownTo(room, { id: "ada", key: null, at: start.hello.history });
      expect(back).toEqual({ sent: ["secret"], history: ["secret"] });
    },
  );

  it.each(PRIVATE_WAYS)("by %s follows its client to another id", async (_way, emit) => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    await inRoom(room, emit);
    await ada.received();
    await ada.leave();
    const { key } = ada;
    const all = { sent: ["secret"], history: ["secret"] };
    expect(await shownTo(room, { id: "phone", key })).toEqual(all);
    expect(await shownTo(room, { id: "phone", key, at: ada.hello.history })).toEqual(all);
    expect(await shownTo(room, { id: "phone", key, at: ada.place })).toMatchObject({ sent: [] });
  });

  it.each(PRIVATE_WAYS)("by %s reaches all open connections of its client", async (_way, emit) => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    const tab = await FramedClient.join(room, { id: "tab", key: ada.key });
    const bob = await FramedClient.join(room, { id: "bob" });
    await inRoom(room, emit);
    expect(dataIn(await ada.received())).toEqual(["secret"]);
    expect(dataIn(await tab.received())).toEqual(["secret"]);
    expect(await bob.received()).toEqual([]);
  });

  it("is nobody's where the id was free, whoever takes it later", async () => {
    const room = open(KEEPS_TEN);
    const eve = await FramedClient.join(room, { id: "eve" });
    await inRoom(room, (party) => party.emit("said", "secret", { to: ["ada"] }));
    expect(await shownTo(room, { id: "ada", at: eve.hello.history })).toEqual(NOTHING);
    expect(await shownTo(room, { id: "ada", key: null })).toEqual(NOTHING);
    expect(await eve.received()).toEqual([]);
  });

  it("that has just been taken over goes to the client that has the id now", async () => {
    const room = open(KEEPS_TEN);
    const old = await FramedClient.join(room, { id: "ada", key: null });
    const ada = await FramedClient.join(room, { id: "ada" });
    await old.socket.closed();
    await inRoom(room, (party) => party.emit("said", "secret", { to: ["ada"] }));
    expect(dataIn(await ada.received())).toEqual(["secret"]);
    await ada.leave();
    expect(await shownTo(room, { id: "ada", key: null })).toEqual(NOTHING);
  });

  it("is its client's own after a takeover by the same key", async () => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    await inRoom(room, (party) => party.emit("said", "secret", { to: ["ada"] }));
    const { key } = ada;
    const again = await FramedClient.join(room, { id: "ada", key, at: ada.hello.history });
    expect(dataIn(await again.received())).toEqual(["secret"]);
  });
});

describeDurableRooms("a durable event for all but a connection", (open) => {
  const exceptAda = (party: DurableRoom) => party.emit("said", "not to ada", { except: ["ada"] });

  it("is not for it when it comes back, and is for its client's other tab", async () => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    const tab = await FramedClient.join(room, { id: "tab", key: ada.key });
    await inRoom(room, exceptAda);
    expect(await ada.received()).toEqual([]);
    expect(dataIn(await tab.received())).toEqual(["not to ada"]);
    await ada.leave();
    const { key } = ada;
    expect(await shownTo(room, { id: "ada", key })).toEqual(NOTHING);
    expect(await shownTo(room, { id: "ada", key, at: ada.hello.history })).toEqual(NOTHING);
    expect(await shownTo(room, { id: "tab", key, at: ada.hello.history })).toMatchObject({
      sent: ["not to ada"],
    });
  });

  it("is for a stranger that takes the id later", async () => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    await inRoom(room, exceptAda);
    await ada.leave();
    const all = { sent: ["not to ada"], history: ["not to ada"] };
    for (const key of [randomKey(), null]) {
      expect(await shownTo(room, { id: "ada", key })).toEqual(all);
      expect(await shownTo(room, { id: "ada", key, at: ada.hello.history })).toEqual(all);
    }
  });
});

describeDurableRooms("a durable event for clients", (open) => {
  it("is kept for one that is away, and for nobody else", async () => {
    const room = open({ ...KEEPS_TEN, getConnectionTags: (_party, { id }) => [id] });
    const ada = await FramedClient.join(room, { id: "ada" });
    const client = await runInDurableObject(
      room.stub,
      (party) => party.getConnection("ada")?.client,
    );
    await ada.leave();
    await inRoom(room, (party) => {
      party.emit("said", "letter", { clients: [client ?? ""] });
      party.emit("said", "to the phone", { clients: [client ?? ""], tags: ["phone"] });
    });
    const { key } = ada;
    const at = ada.hello.history;
    const letter = { sent: ["letter"], history: ["letter"] };
    const both = { sent: ["letter", "to the phone"], history: ["letter", "to the phone"] };
    expect(await shownTo(room, { id: "ada", key, at })).toEqual(letter);
    expect(await shownTo(room, { id: "phone", key })).toEqual(both);
    expect(await shownTo(room, { id: "phone" })).toEqual(NOTHING);
    expect(await shownTo(room, { id: "ada", at })).toEqual(NOTHING);
    expect(await shownTo(room, { id: client ?? "", key: null, at })).toEqual(NOTHING);
  });

  it("is for nobody where there are none", async () => {
    const room = open(KEEPS_TEN);
    const ada = await FramedClient.join(room, { id: "ada" });
    await inRoom(room, (party) => {
      party.emit("said", "secret", { clients: [] });
      party.emit("said", "secret", { to: [] });
    });
    expect(await ada.received()).toEqual([]);
    expect(await ada.history()).toEqual([]);
  });
});

describeDurableRooms("a durable event of a transaction that closes its connection", (open) => {
  it("is for the client that it was for when it was emitted", async () => {
    const room = open(KEEPS_TEN);
    const bob = await FramedClient.join(room, { id: "bob" });
    await inRoom(room, (party) =>
      party.transact(() => {
        party.emit("said", "secret", { to: ["bob"] });
        party.getConnection("bob")?.close(4000, "gone");
      }),
    );
    await bob.socket.closed();
    const { key } = bob;
    expect(await shownTo(room, { id: "bob" })).toEqual(NOTHING);
    expect(await shownTo(room, { id: "bob", key, at: bob.hello.history })).toEqual({
      sent: ["secret"],
      history: ["secret"],
    });
  });
});
