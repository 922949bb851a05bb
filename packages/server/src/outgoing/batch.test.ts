import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import {
  BATCHED_KINDS,
  join,
  quiet,
  watchSends,
  watchTimers,
  WINDOWS_MS,
} from "../../test/batches";
import { openTypedRoom } from "../../test/rooms";
import { stopClock } from "../../test/stop-clock";
import { BATCH_WINDOW_MS, type TypedRoom, type TypedScript } from "../../test/typed-parties";

describe.each(BATCHED_KINDS)("a room with a window (%s)", (party) => {
  const open = (script: TypedScript) => openTypedRoom(party, script);

  it("sends the first frame to each at once, and those that follow as one message", async () => {
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("said", { by: "room", text: "1" });
          party.broadcast("2");
          for (const connection of party.getConnections()) connection.send("3");
          party.getConnection("ada")?.emit("bell");
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("anything");
    const first = '["said",{"by":"room","text":"1"}]';
    const others = '["$text","2"]\n["$text","3"]';
    expect([await bob.next(), await bob.next()]).toEqual([first, others]);
    expect([await ada.next(), await ada.next()]).toEqual([first, `${others}\n["bell"]`]);
    await quiet(room);
    await bob.sendFrame("anything");
    expect([await bob.next(), await bob.next()]).toEqual([first, others]);
    expect(bob.received.length).toBe(5);
  });

  it("has one window for all that a handler sends, however long it runs", async () => {
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("bell");
          const untilMs = performance.now() + 2 * BATCH_WINDOW_MS;
          while (performance.now() < untilMs);
          party.emit("bell");
          party.emit("bell");
        },
      },
    });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    expect([await ada.next(), await ada.next()]).toEqual(['["bell"]', '["bell"]\n["bell"]']);
  });

  it("sends a frame to each connection at once, whoever was sent one before", async () => {
    const room = open({});
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const timers = watchTimers();
      const sent = watchSends(party);
      for (const connection of party.getConnections()) connection.emit("anything", connection.id);
      expect(sent).toEqual(['ada ["anything","ada"]', 'bob ["anything","bob"]']);
      expect(timers).toEqual([]);
    });
    expect([await ada.next(), await bob.next()]).toEqual([
      '["anything","ada"]',
      '["anything","bob"]',
    ]);
  });

  it("has one timer for all that wait, and none that outlives its window", async () => {
    const room = open({});
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const timers = watchTimers();
      for (const text of ["1", "2", "3"]) party.broadcast(text);
      expect(timers.length).toBe(1);
      expect(timers[0]).toBeLessThanOrEqual(WINDOWS_MS[party.constructor.name] ?? 0);
    });
    for (const socket of [ada, bob]) {
      expect([await socket.next(), await socket.next()]).toEqual([
        '["$text","1"]',
        '["$text","2"]\n["$text","3"]',
      ]);
    }
    await quiet(room);
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const timers = watchTimers();
      party.broadcast("4");
      expect(timers).toEqual([]);
    });
    expect([await ada.next(), await bob.next()]).toEqual(['["$text","4"]', '["$text","4"]']);
  });

  it("goes on with a window after one in which something waited", async () => {
    const room = open({});
    const ada = await join(room, "ada");
    const clock = stopClock();
    const say = (text: string) =>
      runInDurableObject(room.stub, (party: TypedRoom) => party.broadcast(text));
    const timers = watchTimers();
    for (const text of ["1", "2"]) await say(text);
    expect([await ada.next(), await ada.next()]).toEqual(['["$text","1"]', '["$text","2"]']);
    expect(timers.length).toBe(1);
    await say("3");
    expect(await ada.next()).toBe('["$text","3"]');
    expect(timers.length).toBe(2);
    clock.atMs += BATCH_WINDOW_MS;
    await say("4");
    expect(await ada.next()).toBe('["$text","4"]');
    expect(timers.length).toBe(2);
  });

  it.each([
    ["forward by an hour", 3_600_000],
    ["back by an hour", -3_600_000],
    ["back by a few milliseconds", -10],
  ])("lets nothing wait for longer when the clock is put %s", async (_where, ms) => {
    const room = open({});
    const ada = await join(room, "ada");
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const clock = stopClock();
      const timers = watchTimers();
      party.broadcast("1");
      clock.atMs += ms;
      for (const text of ["2", "3"]) party.broadcast(text);
      const [delayMs, ...others] = timers;
      expect(delayMs).toBeLessThanOrEqual(WINDOWS_MS[party.constructor.name] ?? 0);
      expect(others).toEqual([]);
    });
    const texts: unknown[] = [];
    while (texts.length < 3) texts.push(((await ada.frame()) as unknown[])[1]);
    expect(texts).toEqual(["1", "2", "3"]);
  });
});

describe("a room without a window", () => {
  it("sends each frame as a message of its own, at once, with no timer", async () => {
    const room = openTypedRoom("UNBATCHED", {});
    const ada = await join(room, "ada");
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const timers = watchTimers();
      for (const text of ["1", "2", "3"]) party.broadcast(text);
      expect(timers).toEqual([]);
    });
    expect([await ada.next(), await ada.next(), await ada.next()]).toEqual([
      '["$text","1"]',
      '["$text","2"]',
      '["$text","3"]',
    ]);
  });
});

describe.each(["HIBERNATING_TYPED", "BATCHED"] as const)(
  "a room that hibernates, with a window (%s)",
  (party) => {
    it("can sleep when the window is over, and wakes with its connections", async () => {
      const room = openTypedRoom(party, {
        handle: {
          anything: (party) => {
            party.emit("bell");
            party.emit("anything", 1);
          },
        },
      });
      const ada = await join(room, "ada");
      for (let life = 0; life < 2; life += 1) {
        await ada.sendFrame("anything");
        expect([await ada.next(), await ada.next()]).toEqual(['["bell"]', '["anything",1]']);
        await evictDurableObject(room.stub);
      }
    });

    it("starts no timer where nothing waits", async () => {
      const room = openTypedRoom(party, {});
      await join(room, "ada");
      await runInDurableObject(room.stub, (party: TypedRoom) => {
        const timers = watchTimers();
        for (const to of [[], [], ["nobody"], ["nobody"]]) party.emit("bell", undefined, { to });
        expect(timers).toEqual([]);
      });
    });
  },
);
