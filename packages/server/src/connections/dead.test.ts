import { runInDurableObject } from "cloudflare:test";
import { PING } from "@partyflare/shared/internal";
import { describe, expect, it, vi } from "vitest";
import { moveClock } from "../../test/leaving";
import { describeHibernatingRooms, openStrictRoom } from "../../test/rooms";
import { Party, type PartyOptions } from "../index";
import { resolveOptions } from "../options";

const PATIENCE = { timeout: 60_000, interval: 5 };

describe("a dead connection of a room in memory", () => {
  it("is found though nothing happens in the room; one that never pinged is kept", async () => {
    const { log, ...room } = openStrictRoom(
      { onClose: (_party, { id }, code) => void log.push(`${id} ${code}`) },
      "IMPATIENT",
    );
    const silent = await room.connect("?_pk=silent");
    const pinged = await room.connect("?_pk=pinged");
    await pinged.send(PING);
    await pinged.next();
    await vi.waitFor(() => expect(log).toEqual(["pinged 1006"]), PATIENCE);
    const listed = await runInDurableObject(room.stub, (party) =>
      party.getConnections().map(({ id }) => id),
    );
    expect(listed).toEqual(["silent"]);
    expect(silent.isClosed).toBe(false);
  });

  it("that pings again and again is found when it no longer does", async () => {
    const { log, ...room } = openStrictRoom(
      { onClose: (_party, { id }, code) => void log.push(`${id} ${code}`) },
      "IMPATIENT",
    );
    const [ada, bob] = [await room.connect("?_pk=ada"), await room.connect("?_pk=bob")];
    for (const socket of [ada, bob, ada, bob]) await socket.send(PING);
    await vi.waitFor(() => expect(log.toSorted()).toEqual(["ada 1006", "bob 1006"]), PATIENCE);
    // And the room goes on to look, for whom comes later.
    const late = await room.connect("?_pk=late");
    await late.send(PING);
    await vi.waitFor(() => expect(log.at(-1)).toBe("late 1006"), PATIENCE);
  });
});

describeHibernatingRooms("a dead connection", (open) => {
  it.each([
    [89_000, []],
    [91_000, ["bob 1006"]],
  ])("is found by the next event, whatever that is: %i ms after its ping", async (ms, left) => {
    const { log, ...room } = open({
      onMessage: (_party, connection, message) => connection.send(message),
      onClose: (_party, { id }, code) => void log.push(`${id} ${code}`),
    });
    const eve = await room.connect("?_pk=eve");
    const bob = await room.connect("?_pk=bob");
    await bob.send(PING);
    await bob.next();
    moveClock(ms);
    await eve.send("anything");
    expect(await eve.next()).toBe("anything");
    await vi.waitFor(() => expect(log).toEqual(left), { timeout: 60_000 });
  });

  it("is found at a wake before the room sends anything", async () => {
    const { log, ...room } = open({
      onRequest(party) {
        const bob = party.getConnection("bob");
        log.push(`bob is ${bob ? "there" : "gone"}`);
        party.broadcast("news");
        return new Response();
      },
      onClose: (_party, { id }, code) => void log.push(`${id} ${code}`),
    });
    const bob = await room.connect("?_pk=bob");
    await bob.send(PING);
    await bob.next();
    await room.sleep();
    moveClock(91_000);
    await room.request();
    await vi.waitFor(() => expect(log.toSorted()).toEqual(["bob 1006", "bob is gone"]), {
      timeout: 60_000,
    });
    expect(bob.received).not.toContain("news");
  });

  it("is looked for by no timer, which would keep the room awake", async () => {
    const room = open({ onMessage: (_party, connection, message) => connection.send(message) });
    const socket = await room.connect("?_pk=ada");
    await socket.send(PING);
    await socket.next();
    const started = await runInDurableObject(room.stub, (party) => {
      const timers = [
        vi.spyOn(globalThis, "setTimeout"),
        vi.spyOn(globalThis, "setInterval"),
        vi.spyOn(scheduler, "wait"),
      ];
      const ada = party.getConnection("ada");
      for (const message of [PING, "anything"]) {
        if (ada) void party.webSocketMessage(ada.socket, message);
      }
      party.broadcast("news");
      const calls = timers.map(({ mock }) => mock.calls.length);
      for (const timer of timers) timer.mockRestore();
      return calls;
    });
    expect(started).toEqual([0, 0, 0]);
  });
});

describe("limits.deadAfterMs", () => {
  it("is 90 s, above the minute to which browsers throttle hidden tabs, and can be set", () => {
    class Plain extends Party {}
    class Patient extends Party {
      static override options: PartyOptions = { limits: { deadAfterMs: Infinity } };
    }
    class Wrong extends Party {
      static override options: PartyOptions = { limits: { deadAfterMs: 0 } };
    }
    expect(resolveOptions(Plain).limits).toMatchObject({ deadAfterMs: 90_000 });
    expect(resolveOptions(Patient).limits).toMatchObject({ deadAfterMs: Infinity });
    expect(() => resolveOptions(Wrong)).toThrow(RangeError);
  });
});
