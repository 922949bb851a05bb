import { randomKey } from "@partyflare/shared";
import { PING, PONG } from "@partyflare/shared/internal";
import { describe, expect, it, vi } from "vitest";
import { openStrictRoom } from "../../test/rooms";
import { stopClock } from "../../test/stop-clock";

/** How many clients a room meets before it forgets those that it has nothing against, and more. */
const MANY_CLIENTS = 130;

describe("a client that sends too fast", () => {
  it("has one bucket over all its connections, whomever the room has met in between", async () => {
    const clock = stopClock();
    const { log, ...room } = openStrictRoom({
      onMessage: (_party, connection, message) => {
        log.push(String(message));
        connection.send(message);
      },
    });
    const offer = ["partyflare.raw", `partyflare.key.${randomKey()}`];
    const first = await room.connect("?_pk=first", offer);
    await first.send("hello");
    await first.next();
    // Its bucket is full again, and its connection still open.
    clock.atMs += 10_000;
    for (let count = 0; count < MANY_CLIENTS; count += 1) {
      const other = await room.connect(`?_pk=other-${count}`);
      await other.send("other");
      await other.next();
      await other.close(1000);
      await other.closed();
    }
    clock.atMs += 10_000;
    const second = await room.connect("?_pk=second", offer);
    first.sendAll(Array<string>(4).fill("flood"));
    await vi.waitFor(() => expect(log.filter((text) => text === "flood").length).toBe(4), {
      timeout: 60_000,
    });
    second.sendAll(Array<string>(20).fill("flood"));
    expect(await second.closed()).toEqual({ code: 4429, reason: "rate_limited" });
    // A burst of five, whichever connection it comes by.
    expect(log.filter((text) => text === "flood").length).toBe(5);
    await first.close(1000);
    await first.closed();
    const again = await room.upgrade("?_pk=third", {
      headers: { "Sec-WebSocket-Protocol": offer[1] ?? "" },
    });
    expect(again.status).toBe(429);
  });

  it("owes what it owed, after as many others have come", async () => {
    stopClock();
    const room = openStrictRoom({ onMessage: (_party, connection) => connection.send("done") });
    const offer = ["partyflare.raw", `partyflare.key.${randomKey()}`];
    const flood = await room.connect("?_pk=flood", offer);
    flood.sendAll(Array<string>(400).fill("flood"));
    await flood.closed();
    for (let count = 0; count < MANY_CLIENTS; count += 1) {
      const other = await room.connect(`?_pk=other-${count}`);
      await other.send("other");
      await other.next();
      await other.close(1000);
      await other.closed();
    }
    const again = await room.connect("?_pk=again", offer);
    expect(await again.closed()).toEqual({ code: 4429, reason: "rate_limited" });
  });
});

describe("pings to a room in memory", () => {
  it.each([
    ["raw", ["partyflare.raw"], 0],
    ["framed", ["partyflare.1"], 1],
  ])(
    "count like other messages, and are answered until there are too many: %s",
    async (...args) => {
      const [_what, offer, greeting] = args;
      stopClock();
      const { log, ...room } = openStrictRoom(
        { onClose: (_party, _connection, code) => void log.push(`closed ${code}`) },
        "STRICT_IN_MEMORY",
      );
      const socket = await room.connect("", offer);
      for (let count = 0; count < greeting; count += 1) await socket.next();
      // A burst of five, and as many owed.
      socket.sendAll(Array<string>(9).fill(PING));
      await vi.waitFor(
        () => expect(socket.received.slice(greeting)).toEqual(Array<string>(9).fill(PONG)),
        { timeout: 60_000 },
      );
      expect(socket.isClosed).toBe(false);
      socket.sendAll(Array<string>(100).fill(PING));
      expect(await socket.closed()).toEqual({ code: 4429, reason: "rate_limited" });
      await vi.waitFor(() => expect(log).toEqual(["closed 4429"]), { timeout: 60_000 });
      const pongs = socket.received.filter((text) => text === PONG);
      expect(pongs.length).toBeLessThanOrEqual(10);
    },
  );

  it("leave so much less for other messages", async () => {
    stopClock();
    const { log, ...room } = openStrictRoom(
      { onMessage: (_party, _connection, message) => void log.push(String(message)) },
      "STRICT_IN_MEMORY",
    );
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    socket.sendAll([PING, PING, PING, '["$text","1"]', '["$text","2"]', '["$text","3"]']);
    await vi.waitFor(() => expect(socket.received.length).toBe(5), { timeout: 60_000 });
    expect(log).toEqual(["1", "2"]);
    expect(socket.frames.at(-1)).toMatchObject(["$error", { code: "rate_limited" }]);
  });
});
