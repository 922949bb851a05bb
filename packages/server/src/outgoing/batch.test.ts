import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { MAX_BATCH_LENGTH } from "@partyflare/shared";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openTypedRoom, type TestRoom, type TypedParty } from "../../test/rooms";
import type { TestSocket } from "../../test/test-socket";
import { BATCH_WINDOW_MS, type TypedRoom, type TypedScript } from "../../test/typed-parties";

const FRAMED = ["partyflare.1"];

const KINDS: readonly TypedParty[] = [
  "HIBERNATING_TYPED",
  "IN_MEMORY_TYPED",
  "BATCHED",
  "BATCHED_IN_MEMORY",
];

describe.each(KINDS)("a room with a window (%s)", (party) => {
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
      expect(timers).toEqual([WINDOWS_MS[party.constructor.name]]);
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
    clock.moveMs(BATCH_WINDOW_MS);
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
      clock.moveMs(ms);
      for (const text of ["2", "3"]) party.broadcast(text);
      const [delayMs, ...others] = timers;
      expect(delayMs).toBeLessThanOrEqual(WINDOWS_MS[party.constructor.name] ?? 0);
      expect(others).toEqual([]);
    });
    const texts: unknown[] = [];
    while (texts.length < 3) texts.push(((await ada.frame()) as unknown[])[1]);
    expect(texts).toEqual(["1", "2", "3"]);
  });

  it("sends raw connections each message as it is", async () => {
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("bell");
          party.broadcast("text");
          party.broadcast("more");
        },
      },
    });
    const raw = await room.connect("?_pk=raw");
    const framed = await join(room, "framed");
    await framed.sendFrame("anything");
    expect([await raw.next(), await raw.next(), await raw.next()]).toEqual([
      '["bell"]',
      "text",
      "more",
    ]);
    expect([await framed.next(), await framed.next()]).toEqual([
      '["bell"]',
      '["$text","text"]\n["$text","more"]',
    ]);
  });

  it("lets an answer, an error, bytes and a close wait for nothing, and takes along what waits", async () => {
    const room = open({
      handle: {
        rename: (party, from, { name }: { name: string }) => {
          party.emit("bell");
          party.emit("bell");
          from.emit("anything", 1);
          return { name };
        },
        anything: (party, from, what) => {
          party.emit("bell");
          party.emit("bell");
          if (what === "bytes") from.send(new Uint8Array([1]));
          else from.close(4000, "enough");
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("$call", 1, "rename", { name: "Ada" });
    expect(await ada.next()).toBe('["bell"]');
    expect(await ada.next()).toBe('["bell"]\n["anything",1]\n["$reply",1,{"name":"Ada"}]');
    expect([await bob.next(), await bob.next()]).toEqual(['["bell"]', '["bell"]']);
    await quiet(room);
    await ada.sendFrame("anything", "bytes");
    expect([await ada.next(), await ada.next()]).toEqual(['["bell"]', '["bell"]']);
    expect(await ada.next()).toBeInstanceOf(ArrayBuffer);
    expect([await bob.next(), await bob.next()]).toEqual(['["bell"]', '["bell"]']);
    await quiet(room);
    await ada.sendFrame("anything", "close");
    expect(await ada.next()).toBe('["bell"]');
    const close = '["$close",{"code":4000,"reason":"enough","retry":false}]';
    expect(await ada.next()).toBe(`["bell"]\n${close}`);
    expect(await ada.closed()).toEqual({ code: 4000, reason: "enough" });
    expect([await bob.next(), await bob.next()]).toEqual(['["bell"]', '["bell"]']);
  });

  it("sends at once what fills a message", async () => {
    const text = "x".repeat(MAX_BATCH_LENGTH / 4);
    const room = open({
      handle: {
        anything: (party) => {
          for (let count = 0; count < 6; count += 1) party.emit("anything", text);
        },
      },
    });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    const frame = JSON.stringify(["anything", text]);
    expect(await ada.next()).toBe(frame);
    expect(await ada.next()).toBe(Array<string>(4).fill(frame).join("\n"));
    expect(await ada.next()).toBe(frame);
  });

  it("sends only the latest of what replaces what was before it", async () => {
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("anything", "ada 0", { latestBy: "ada" });
          party.emit("anything", "ada 1", { latestBy: "ada" });
          party.emit("anything", "bob 1", { latestBy: "bob" });
          party.emit("bell");
          party.emit("anything", "ada 2", { latestBy: "ada", except: ["bob"] });
          // Of another event, and so no newer one of the same.
          party.emit("said", { by: "ada", text: "3" }, { latestBy: "ada" });
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("anything");
    const said = '["said",{"by":"ada","text":"3"}]';
    expect(await ada.next()).toBe('["anything","ada 0"]');
    expect(await ada.next()).toBe(`["anything","bob 1"]\n["bell"]\n["anything","ada 2"]\n${said}`);
    expect(await bob.next()).toBe('["anything","ada 0"]');
    expect(await bob.next()).toBe(`["anything","ada 1"]\n["anything","bob 1"]\n["bell"]\n${said}`);
  });

  it("counts only the latest towards what fills a message", async () => {
    const text = "x".repeat(MAX_BATCH_LENGTH / 4);
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("bell");
          party.emit("bell");
          for (let count = 0; count < 20; count += 1) {
            party.emit("anything", `${text}${count}`, { latestBy: "ada" });
          }
        },
      },
    });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    expect(await ada.next()).toBe('["bell"]');
    expect(await ada.next()).toBe(`["bell"]\n${JSON.stringify(["anything", `${text}19`])}`);
    expect(ada.received.length).toBe(3);
  });

  it("holds for a slow reader what may go stale, and sends it the latest in the end", async () => {
    let isSlow = true;
    const room = open({
      onMessage: (party, _connection, message) => {
        // A stand-in for what the runtime of these tests does not tell.
        const slow = party.getConnection("slow");
        const bufferedAmount = { get: () => (isSlow ? 100_000 : 0), configurable: true };
        if (slow) Object.defineProperty(slow.socket, "bufferedAmount", bufferedAmount);
        party.emit("anything", message, { latestBy: "ada" });
      },
    });
    const [slow, fast] = [await join(room, "slow"), await join(room, "fast")];
    for (const text of ["1", "2", "3"]) {
      await fast.sendFrame("$text", text);
      expect(await fast.next()).toBe(JSON.stringify(["anything", text]));
    }
    expect(slow.received.length).toBe(1);
    isSlow = false;
    expect(await slow.next()).toBe('["anything","3"]');
    await quiet(room);
    isSlow = true;
    await fast.sendFrame("$text", "4");
    expect(await fast.next()).toBe('["anything","4"]');
    // For so many windows, and no longer.
    expect(await slow.next()).toBe('["anything","4"]');
  });

  it("sends nothing to who has left, and lives on", async () => {
    const room = open({
      handle: {
        anything: (party, from) => {
          party.emit("bell");
          party.emit("anything", 1);
          from.close();
          party.emit("anything", 2);
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("anything");
    expect([await bob.next(), await bob.next()]).toEqual([
      '["bell"]',
      '["anything",1]\n["anything",2]',
    ]);
    await ada.closed();
    expect(ada.received.slice(1)).toEqual([
      '["bell"]',
      expect.stringMatching(/^\["anything",1\]\n\["\$close"/),
    ]);
  });

  it("takes what a transaction sends into its window when that is committed", async () => {
    const room = open({});
    const ada = await join(room, "ada");
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const sent = watchSends(party);
      const undone = () =>
        party.transactionSync(() => {
          party.broadcast("never");
          throw new Error("undone");
        });
      expect(undone).toThrow("undone");
      party.transactionSync(() => {
        party.broadcast("1");
        party.broadcast("2");
        party.getConnection("ada")?.close();
        expect(sent).toEqual([]);
      });
      expect(sent[0]).toBe('ada ["$text","1"]');
    });
    await ada.closed();
    expect(ada.received.slice(1)).toEqual([
      '["$text","1"]',
      expect.stringMatching(/^\["\$text","2"\]\n\["\$close"/),
    ]);
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

/** Windows by class, in ms. */
const WINDOWS_MS: Record<string, number> = {
  HibernatingTypedRoom: 16,
  InMemoryTypedRoom: 16,
  BatchedRoom: BATCH_WINDOW_MS,
  BatchedInMemoryRoom: BATCH_WINDOW_MS,
};

/** The delays of the timers that are started from now on, in ms. They run as they would. */
function watchTimers(): number[] {
  const delaysMs: number[] = [];
  const { setTimeout } = globalThis;
  const timers = vi.spyOn(globalThis, "setTimeout");
  timers.mockImplementation(((run: () => void, delayMs: number) => {
    delaysMs.push(delayMs);
    return setTimeout(run, delayMs);
  }) as typeof setTimeout);
  onTestFinished(() => timers.mockRestore());
  return delaysMs;
}

/** What leaves by each connection's socket from now on. */
function watchSends(party: TypedRoom): string[] {
  const sent: string[] = [];
  for (const { id, socket } of party.getConnections()) {
    const send = (text: string) => {
      sent.push(`${id} ${text}`);
      WebSocket.prototype.send.call(socket, text);
    };
    Object.defineProperty(socket, "send", { value: send, configurable: true });
  }
  return sent;
}

/** From now on the clock moves only where the test moves it. */
function stopClock(): { moveMs(ms: number): void } {
  let nowMs = Date.now();
  const clock = vi.spyOn(Date, "now").mockImplementation(() => nowMs);
  onTestFinished(() => clock.mockRestore());
  return { moveMs: (ms) => void (nowMs += ms) };
}

/** Waits until a window of the room has passed in which nothing was sent. */
async function quiet(room: TestRoom<TypedRoom>): Promise<void> {
  await runInDurableObject(room.stub, async () => {
    const untilMs = Date.now() + 2 * BATCH_WINDOW_MS;
    while (Date.now() < untilMs) await scheduler.wait(5);
  });
}

/** A framed connection that has been greeted. */
async function join(room: TestRoom<TypedRoom>, id: string): Promise<TestSocket> {
  const socket = await room.connect(`?_pk=${id}`, FRAMED);
  expect(await socket.frame()).toMatchObject(["$hello", { id }]);
  return socket;
}
