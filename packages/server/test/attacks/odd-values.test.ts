import { expect, it } from "vitest";
import { DeathWatch } from "../../src/connections/death-watch";
import type { RoomConnection } from "../../src/connections/room-connection";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";

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
])("a handler that throws %s does not end its connection's queue", async (_what, make) => {
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
  expect([await ada.frame(), await ada.frame()]).toMatchObject([
    ["$fail", 1, { code: "internal" }],
    ["$reply", 2, "fine"],
  ]);
});

it.each([Infinity, 30 * 86_400_000])(
  "deadAfterMs of %d makes no timer that runs hot",
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
      size: () => 1,
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
