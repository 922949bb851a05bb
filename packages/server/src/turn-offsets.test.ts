import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import type { DurableRoom } from "../test/durable-party";
import { joinAs } from "../test/leaving";
import { describeDurableRooms } from "../test/rooms";
import type { TestSocket } from "../test/test-socket";

/** Every durable event that a client was sent, by its epoch and offset. */
function eventsOf(socket: TestSocket): Map<string, Set<string>> {
  const events = new Map<string, Set<string>>();
  let epoch = "";
  for (const text of socket.received.join("\n").split("\n")) {
    const [name, data, offset] = JSON.parse(text) as [string, Record<string, unknown>, number?];
    if (name === "$hello") ({ epoch } = data["history"] as { epoch: string });
    if (name === "$resume") epoch = String(data["epoch"]);
    if (name.startsWith("$") || offset === undefined) continue;
    const key = `${epoch} ${offset}`;
    events.set(key, (events.get(key) ?? new Set()).add(JSON.stringify(data)));
  }
  return events;
}

describeDurableRooms("an offset", (open) => {
  const rolledBack = (run: () => void) => () => {
    run();
    throw new Error("rolled back");
  };
  const swallow = (run: () => void) => {
    try {
      run();
    } catch {
      // It was rolled back.
    }
  };

  it.each<[string, (party: DurableRoom) => void]>([
    [
      "the platform's",
      (party) => party.transactByPlatform(rolledBack(() => party.emit("said", "a"))),
    ],
    [
      "the platform's in the library's, which is kept",
      (party) =>
        party.transact(() => {
          party.emit("said", "before");
          swallow(() => party.transactByPlatform(rolledBack(() => party.emit("said", "a"))));
          party.emit("said", "behind");
        }),
    ],
    [
      "the library's in the platform's, which is kept",
      (party) =>
        party.transactByPlatform(() => {
          party.emit("said", "before");
          swallow(() => party.transact(rolledBack(() => party.emit("said", "a"))));
          party.emit("said", "behind");
        }),
    ],
    [
      "the platform's around the library's, which was kept",
      (party) =>
        party.transactByPlatform(rolledBack(() => party.transact(() => party.emit("said", "a")))),
    ],
    [
      "the platform's, and behind it the library's,",
      (party) => {
        swallow(() => party.transactByPlatform(rolledBack(() => party.emit("said", "a"))));
        swallow(() => party.transact(rolledBack(() => party.emit("said", "unsent"))));
      },
    ],
    [
      "the platform's, and behind it the library's, both in the library's, which is kept,",
      (party) =>
        party.transact(() => {
          swallow(() => party.transactByPlatform(rolledBack(() => party.emit("said", "a"))));
          swallow(() => party.transact(rolledBack(() => party.emit("said", "unsent"))));
        }),
    ],
  ])("is never that of two events: %s transaction is rolled back", async (_whose, run) => {
    const room = open({
      say: (party, _from, text) => {
        if (text === "transaction") swallow(() => run(party));
        else party.emit("said", text);
      },
    });
    const { socket } = await joinAs(room, "ada");
    await socket.sendFrame("say", "0");
    await socket.sendFrame("say", "transaction");
    await room.sleep();
    for (const text of ["b", "c"]) await socket.sendFrame("say", text);
    await vi.waitFor(
      () =>
        expect(socket.frames.at(-1)).toEqual(["said", "c", expect.any(Number), expect.any(String)]),
      { timeout: 60_000 },
    );
    for (const [place, said] of eventsOf(socket))
      expect([place, [...said]]).toEqual([place, [expect.anything()]]);
    // The history is what was sent, and what was sent last is in it.
    const past = await runInDurableObject(room.stub, (party) => party.history.read());
    const offsets = past.map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
    const sent = eventsOf(socket);
    for (const { data, offset } of past) {
      const places = [...sent].filter(([place]) => place.endsWith(` ${offset}`));
      expect(places.flatMap(([, said]) => [...said])).toContain(JSON.stringify(data));
    }
    expect(past.slice(-2).map(({ data }) => data)).toEqual(["b", "c"]);
  });
});
