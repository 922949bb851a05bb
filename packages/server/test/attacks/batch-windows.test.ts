import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { join } from "../batches";
import type { DurableRoom } from "../durable-party";
import { dataIn, FramedClient, silentGaps } from "../framed-client";
import { openDurableRoom, openTypedRoom } from "../rooms";
import { BATCH_WINDOW_MS, type TypedRoom } from "../typed-parties";

it("frames that wait in one instance of a class leave before those of the next one", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room);
  await runInDurableObject(room.stub, (party, ctx) => {
    for (const number of [1, 2, 3]) party.emit("said", number);
    const Room = party.constructor as typeof DurableRoom;
    const next = new Room(ctx, env);
    for (const number of [4, 5]) next.emit("said", number);
    // What of the older one still runs does not hold anything back either.
    for (const number of [6, 7]) party.emit("passing", number);
    expect(ada.reached).toBe(0);
  });
  const frames = await ada.frames(7);
  expect(silentGaps(ada.hello, frames)).toEqual([]);
  expect(dataIn(frames)).toEqual([1, 2, 3, 4, 5]);
});

it.each(["at once", "at the end of a window", "with a reply", "after a transaction"])(
  "a socket that does not take frames %s is closed with 1011, and holds up no other",
  async (when) => {
    const errors: string[] = [];
    const closed: string[] = [];
    const emit = (party: DurableRoom, ...numbers: number[]) => {
      for (const number of numbers) party.emit("said", number);
    };
    let isBroken = false;
    const room = openDurableRoom("HIBERNATING_DURABLE", {
      onError: (_party, error) => void errors.push(String(error)),
      onClose: (_party, { id }, code) => void closed.push(`${id} ${code}`),
      ask(party, { socket }) {
        const send = (message: string) => {
          if (isBroken) throw new Error("no");
          WebSocket.prototype.send.call(socket, message);
        };
        Object.defineProperty(socket, "send", { configurable: true, value: send });
        isBroken = when === "at once";
        if (when === "after a transaction") {
          isBroken = true;
          party.transact(() => emit(party, 1, 2, 3));
        } else emit(party, 1, 2, 3);
        isBroken = true;
        if (when === "with a reply") return undefined;
        return scheduler.wait(100);
      },
    });
    const ada = await FramedClient.join(room, { id: "ada" });
    const bob = await FramedClient.join(room, { id: "bob" });
    await ada.socket.sendFrame("$call", 1, "ask");
    await vi.waitFor(() => expect(closed).toEqual(["ada 1011"]), { timeout: 60_000 });
    isBroken = false;
    await runInDurableObject(room.stub, (party) => emit(party, 4));
    expect(await ada.socket.closed()).toMatchObject({ code: 1011 });
    expect(dataIn(await bob.frames(4))).toEqual([1, 2, 3, 4]);
    expect(errors[0]).toBe("Error: no");
    // It comes back to what it has missed.
    const { reached } = ada;
    await ada.frames(reached);
    const back = await FramedClient.join(room, { id: "ada", key: ada.key, at: ada.place });
    expect(dataIn(await back.frames(4 - reached))).toEqual([1, 2, 3, 4].slice(reached));
  },
);

it("a slow reader that is sent answers in between is spared as much as another", async () => {
  const room = openTypedRoom("BATCHED", {});
  const readers = [await join(room, "waits"), await join(room, "asks")];
  await runInDurableObject(room.stub, async (party: TypedRoom) => {
    // A stand-in for what the runtime of these tests does not tell.
    const bufferedAmount = { value: 100_000, configurable: true };
    for (const { socket } of party.getConnections()) {
      Object.defineProperty(socket, "bufferedAmount", bufferedAmount);
    }
    for (let number = 0; number < 10; number += 1) {
      party.emit("anything", number, { latestBy: "ada" });
      // As a reply does, it takes along what waits.
      party.getConnection("asks")?.send(new Uint8Array([1]));
    }
    party.emit("anything", "latest", { latestBy: "ada" });
    await scheduler.wait(20 * BATCH_WINDOW_MS);
    for (const { received } of readers) expect(received).not.toContain('["anything","latest"]');
  });
  for (const { received } of readers) {
    await vi.waitFor(() => expect(received).toContain('["anything","latest"]'), 10_000);
  }
});

it("what a room sends while it starts waits for its window, and not for the start", async () => {
  let lives = 0;
  const gate = { isOpen: false };
  let hasStarted = false;
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    async onStart(party) {
      lives += 1;
      if (lives === 1) return;
      for (const number of [1, 2, 3]) party.emit("said", number);
      for (let looks = 0; looks < 500 && !gate.isOpen; looks += 1) await scheduler.wait(10);
      hasStarted = true;
    },
  });
  const ada = await FramedClient.join(room);
  await evictDurableObject(room.stub);
  const waking = runInDurableObject(room.stub, () => {});
  expect(dataIn(await ada.frames(3))).toEqual([1, 2, 3]);
  expect(hasStarted).toBe(false);
  gate.isOpen = true;
  await waking;
});
