import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { MAX_BATCH_LENGTH } from "@partyflare/shared";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { openTypedRoom, type TestRoom } from "../../test/rooms";
import type { TestSocket } from "../../test/test-socket";
import { BATCH_WINDOW_MS, type TypedRoom, type TypedScript } from "../../test/typed-parties";

const FRAMED = ["partyflare.1"];

describe.each(["BATCHED", "BATCHED_IN_MEMORY"] as const)("a room with a window (%s)", (party) => {
  const open = (script: TypedScript) => openTypedRoom(party, script);

  it("sends what falls into it as one message, in order, and the next in the next", async () => {
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
    const same = ['["said",{"by":"room","text":"1"}]', '["$text","2"]', '["$text","3"]'].join("\n");
    expect(await bob.next()).toBe(same);
    expect(await ada.next()).toBe(`${same}\n["bell"]`);
    await bob.sendFrame("anything");
    expect(await bob.next()).toBe(same);
    expect(bob.received.length).toBe(3);
  });

  it("sends raw connections each message as it is", async () => {
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("bell");
          party.broadcast("text");
        },
      },
    });
    const raw = await room.connect("?_pk=raw");
    const framed = await join(room, "framed");
    await framed.sendFrame("anything");
    expect([await raw.next(), await raw.next()]).toEqual(['["bell"]', "text"]);
    expect(await framed.next()).toBe('["bell"]\n["$text","text"]');
  });

  it("lets an answer, an error, bytes and a close wait for nothing, and takes along what waits", async () => {
    const room = open({
      handle: {
        rename: (party, from, { name }: { name: string }) => {
          party.emit("bell");
          from.emit("anything", 1);
          return { name };
        },
        anything: (party, from, what) => {
          party.emit("bell");
          if (what === "bytes") from.send(new Uint8Array([1]));
          else from.close(4000, "enough");
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("$call", 1, "rename", { name: "Ada" });
    expect(await ada.next()).toBe('["bell"]\n["anything",1]\n["$reply",1,{"name":"Ada"}]');
    expect(await bob.next()).toBe('["bell"]');
    await ada.sendFrame("anything", "bytes");
    expect(await ada.next()).toBe('["bell"]');
    expect(await ada.next()).toBeInstanceOf(ArrayBuffer);
    expect(await bob.next()).toBe('["bell"]');
    await ada.sendFrame("anything", "close");
    const close = '["$close",{"code":4000,"reason":"enough","retry":false}]';
    expect(await ada.next()).toBe(`["bell"]\n${close}`);
    expect(await ada.closed()).toEqual({ code: 4000, reason: "enough" });
    expect(await bob.next()).toBe('["bell"]');
  });

  it("sends at once what fills a message", async () => {
    const text = "x".repeat(MAX_BATCH_LENGTH / 4);
    const room = open({
      handle: {
        anything: (party) => {
          for (let count = 0; count < 5; count += 1) party.emit("anything", text);
        },
      },
    });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    const frame = JSON.stringify(["anything", text]);
    expect(await ada.next()).toBe(Array<string>(4).fill(frame).join("\n"));
    expect(await ada.next()).toBe(frame);
  });

  it("sends only the latest of what replaces what was before it", async () => {
    const room = open({
      handle: {
        anything: (party) => {
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
    expect(await ada.next()).toBe(`["anything","bob 1"]\n["bell"]\n["anything","ada 2"]\n${said}`);
    expect(await bob.next()).toBe(`["anything","ada 1"]\n["anything","bob 1"]\n["bell"]\n${said}`);
  });

  it("counts only the latest towards what fills a message", async () => {
    const text = "x".repeat(MAX_BATCH_LENGTH / 4);
    const room = open({
      handle: {
        anything: (party) => {
          party.emit("bell");
          for (let count = 0; count < 20; count += 1) {
            party.emit("anything", `${text}${count}`, { latestBy: "ada" });
          }
        },
      },
    });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    expect(await ada.next()).toBe(`["bell"]\n${JSON.stringify(["anything", `${text}19`])}`);
    expect(ada.received.length).toBe(2);
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
    isSlow = true;
    await fast.sendFrame("$text", "4");
    // For so many windows, and no longer.
    expect(await slow.next()).toBe('["anything","4"]');
  });

  it("sends nothing to who has left, and lives on", async () => {
    const room = open({
      handle: {
        anything: (party, from) => {
          party.emit("bell");
          from.close();
          party.emit("bell");
        },
      },
    });
    const [ada, bob] = [await join(room, "ada"), await join(room, "bob")];
    await ada.sendFrame("anything");
    expect(await bob.next()).toBe('["bell"]\n["bell"]');
    await ada.closed();
    expect(ada.received.length).toBe(2);
  });
});

describe("a room that hibernates, with a window", () => {
  it("can sleep when the window is over, and wakes with its connections", async () => {
    const room = openTypedRoom("BATCHED", { handle: { anything: (party) => party.emit("bell") } });
    const ada = await join(room, "ada");
    await ada.sendFrame("anything");
    expect(await ada.next()).toBe('["bell"]');
    await evictDurableObject(room.stub);
    await ada.sendFrame("anything");
    expect(await ada.next()).toBe('["bell"]');
  });

  it("starts no timer where nothing waits", async () => {
    const room = openTypedRoom("BATCHED", {});
    await join(room, "ada");
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      const timer = vi.spyOn(globalThis, "setTimeout");
      party.emit("bell", undefined, { to: [] });
      party.emit("bell", undefined, { to: ["nobody"] });
      expect(timer).not.toHaveBeenCalled();
      timer.mockRestore();
    });
  });
});

const NAMES = ["ada", "bob", "raw"] as const;

const AUDIENCE = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...NAMES).map((id) => ({ except: [id] })),
  fc.constantFrom(...NAMES).map((id) => ({ to: [id] })),
);

/** What a room does, one after the other. */
const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("emit"), to: AUDIENCE }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("emit"),
      to: AUDIENCE,
      latestBy: fc.constantFrom("a", "b"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("broadcast") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("send", "send bytes", "close"),
      id: fc.constantFrom(...NAMES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait") }) },
);

interface Step {
  kind: string;
  to?: object;
  latestBy?: string;
  id?: string;
}

describe("a room with a window, beside one without", () => {
  it("sends everyone the same in the same order, but for what a later one replaces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 30 }), async (steps) => {
        const plain = await played("HIBERNATING_TYPED", steps);
        const batched = await played("BATCHED", steps);
        expect(batched.get("raw")).toEqual(plain.get("raw"));
        for (const name of NAMES) {
          const [sent, all] = [batched.get(name) ?? [], plain.get(name) ?? []];
          expect(all.filter((frame) => sent.includes(frame))).toEqual(sent);
          for (const lost of all.filter((frame) => !sent.includes(frame))) {
            const key = keyOf(lost);
            expect(key, `${lost} was lost`).toBeDefined();
            const later = all.slice(all.indexOf(lost) + 1);
            expect(later.some((frame) => keyOf(frame) === key && sent.includes(frame))).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  }, 180_000);
});

/** Plays the steps in a room, and tells what each connection was sent, frame by frame. */
async function played(
  party: "BATCHED" | "HIBERNATING_TYPED",
  steps: readonly Step[],
): Promise<Map<string, string[]>> {
  const room = openTypedRoom(party, {
    onMessage: async (party) => {
      for (const [index, step] of steps.entries()) await play(party, index, step);
      for (const connection of party.getConnections()) connection.close();
    },
  });
  const sockets = new Map<string, TestSocket>();
  for (const name of NAMES) {
    const socket = await room.connect(`?_pk=${name}`, name === "raw" ? undefined : FRAMED);
    if (name !== "raw") await socket.frame();
    sockets.set(name, socket);
  }
  await sockets.get("raw")?.send("go");
  const received = new Map<string, string[]>();
  for (const [name, socket] of sockets) {
    await socket.closed();
    const texts = socket.received.map((message) =>
      typeof message === "string" ? message : `bytes ${new Uint8Array(message)[0]}`,
    );
    received.set(
      name,
      texts.flatMap((text) => text.split("\n")).filter((frame) => !frame.startsWith('["$hello')),
    );
  }
  return received;
}

/** Each step sends something that no other does. */
async function play(party: TypedRoom, index: number, step: Step): Promise<void> {
  const { kind, to, latestBy, id = "" } = step;
  const connection = party.getConnection(id);
  if (kind === "emit") party.emit("anything", { index, latestBy }, { ...to, latestBy });
  else if (kind === "broadcast") party.broadcast(`text ${index}`);
  else if (kind === "send") connection?.send(`to one ${index}`);
  else if (kind === "send bytes") connection?.send(new Uint8Array([index]));
  else if (kind === "close") connection?.close();
  else await scheduler.wait(BATCH_WINDOW_MS);
}

function keyOf(frame: string): string | undefined {
  return /"latestBy":"(\w)"/.exec(frame)?.[1];
}

/** A framed connection that has been greeted. */
async function join(room: TestRoom<TypedRoom>, id: string): Promise<TestSocket> {
  const socket = await room.connect(`?_pk=${id}`, FRAMED);
  expect(await socket.frame()).toMatchObject(["$hello", { id }]);
  return socket;
}
