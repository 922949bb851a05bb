import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { FramedClient } from "../test/framed-client";
import { openDurableRoom, type TestRoom } from "../test/rooms";
import type { DurableRoom } from "../test/durable-party";

/** Builds a second instance of the class on the same object, as Vite does after an edit. */
const buildAnother = (room: TestRoom<DurableRoom>) =>
  runInDurableObject(room.stub, (party, ctx) => {
    const Room = party.constructor as typeof DurableRoom;
    void new Room(ctx, env);
  });

describe("a second instance of a class on one object, in memory", () => {
  it("closes the sockets of the older one with 1012, so that their clients come back", async () => {
    const closed: string[] = [];
    const room = openDurableRoom("IN_MEMORY_DURABLE", {
      onClose: (_party, { id }, code) => void closed.push(`${id} ${code}`),
    });
    const ada = await FramedClient.join(room, { id: "ada" });
    const raw = await room.connect("?_pk=raw");
    await buildAnother(room);
    expect(await ada.frame()).toMatchObject(["$close", { code: 1012, retry: true }]);
    expect((await ada.socket.closed()).code).toBe(1012);
    expect((await raw.closed()).code).toBe(1012);
    await vi.waitFor(() => expect(closed.toSorted()).toEqual(["ada 1012", "raw 1012"]), {
      timeout: 60_000,
    });
  });

  it("closes those of the one before it alone, when there is a third", async () => {
    const room = openDurableRoom("IN_MEMORY_DURABLE");
    const ada = await FramedClient.join(room, { id: "ada" });
    await buildAnother(room);
    expect((await ada.socket.closed()).code).toBe(1012);
    await buildAnother(room);
    expect(ada.socket.received.length).toBe(2);
  });

  it("closes nothing of another room of the class", async () => {
    const room = openDurableRoom("IN_MEMORY_DURABLE");
    const other = openDurableRoom("IN_MEMORY_DURABLE");
    const bob = await FramedClient.join(other, { id: "bob" });
    const ada = await FramedClient.join(room, { id: "ada" });
    await buildAnother(room);
    expect((await ada.socket.closed()).code).toBe(1012);
    expect(await bob.received()).toEqual([]);
  });
});

describe("a room that wakes", () => {
  it("is no second instance: its sockets stay open", async () => {
    const room = openDurableRoom("HIBERNATING_DURABLE");
    const ada = await FramedClient.join(room, { id: "ada" });
    for (let count = 0; count < 3; count += 1) {
      await room.sleep();
      expect(await ada.received()).toEqual([]);
    }
  });
});

describe("a second instance of a class on one object, hibernating", () => {
  it("leaves no client between the two: it is served, or closed with 1012", async () => {
    const room = openDurableRoom("HIBERNATING_DURABLE");
    const ada = await FramedClient.join(room, { id: "ada" });
    const bob = await FramedClient.join(room, { id: "bob" });
    await buildAnother(room);
    await runInDurableObject(room.stub, (party) => party.emit("said", "hello"));
    for (const client of [ada, bob]) {
      const frame = await client.frame();
      if (frame[0] === "$close") expect(frame).toMatchObject(["$close", { code: 1012 }]);
      else expect(frame.slice(0, 3)).toEqual(["said", "hello", 1]);
    }
  });
});
