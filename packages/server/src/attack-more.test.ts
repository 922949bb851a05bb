import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { DeathWatch } from "./connections/death-watch";
import type { RoomConnection } from "./connections/room-connection";
import { eventsIn, FramedClient } from "../test/framed-client";
import { openDurableRoom } from "../test/rooms";

it.each([
  [
    "a revoked proxy",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  [
    "an object whose code throws",
    () => ({
      get code() {
        throw new Error("code");
      },
    }),
  ],
])("ATTACK: a handler that throws %s does not end its connection's queue", async (_what, make) => {
  const room = openDurableRoom("IN_MEMORY_DURABLE", {
    ask(_party, _from, input) {
      if (input === "odd") throw make();
      return "fine";
    },
    onError: () => {},
  });
  const ada = await FramedClient.join(room);
  await ada.socket.sendFrame("$call", 1, "ask", "odd");
  await ada.socket.sendFrame("$call", 2, "ask", "even");
  await vi
    .waitFor(() => expect(ada.socket.received.length).toBeGreaterThanOrEqual(3), { timeout: 3_000 })
    .catch(() => {});
  expect(
    ada.socket.received
      .slice(1)
      .map(String)
      .map((text) => text.slice(0, 10)),
  ).toEqual(['["$fail",1', '["$reply",']);
});

it.each([Infinity, 30 * 86_400_000])(
  "TRIED: deadAfterMs of %d makes no timer that runs hot",
  async (deadAfterMs) => {
    let looks = 0;
    const connection = {
      isTaken: true,
      seenAtMs: null,
      wasNeverTaken: () => {
        looks += 1;
        return false;
      },
      vanish() {},
    } as unknown as RoomConnection;
    const watch = new DeathWatch({
      connections: () => [connection],
      pingedAtMs: () => Date.now(),
      deadAfterMs,
      mayWait: true,
    });
    watch.start();
    await scheduler.wait(500);
    watch.stop();
    expect(looks).toBe(0);
  },
);

it("ATTACK: no offset means two events: the platform's async transaction, rolled back, then a sleep", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room);
  await runInDurableObject(room.stub, async (party) => {
    party.emit("said", "first");
    await party.storage
      .transaction(async () => {
        party.emit("said", "ghost");
        await scheduler.wait(5);
        throw new Error("rolled back");
      })
      .catch(() => {});
  });
  await room.sleep();
  await runInDurableObject(room.stub, (party) => party.emit("said", "real"));
  const events = eventsIn(await ada.received());
  expect(new Set(events.map(([, , offset]) => offset)).size, JSON.stringify(events)).toBe(
    events.length,
  );
});
