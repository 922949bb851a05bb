import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import type { DurableRoom } from "../test/durable-party";
import { type DurableTestRoom, framesOf, joinAs, withoutTag } from "../test/leaving";
import { describeDurableRooms } from "../test/rooms";

async function kept(room: DurableTestRoom): Promise<string[]> {
  return runInDurableObject(room.stub, (party) => party.kept);
}

/** From now on a socket of the room takes nothing, as when the platform fails. */
function breakSocket(party: DurableRoom, id: string): void {
  const socket = party.getConnection(id)?.socket;
  if (!socket) throw new Error(`${id} is not there.`);
  const send = () => {
    throw new Error("the platform failed");
  };
  Object.defineProperty(socket, "send", { value: send, configurable: true });
}

describeDurableRooms("bytes that are sent in a transaction", (open) => {
  const backing = new Uint8Array(8);
  const views = {
    "a Uint8Array": backing.subarray(0, 1),
    "a part of a larger buffer": backing.subarray(3, 4),
    "a DataView": new DataView(backing.buffer, 5, 1),
    "an ArrayBuffer": new ArrayBuffer(1),
  };

  it.each(Object.entries(views))(
    "are those of the moment when they were: %s",
    async (_what, view) => {
      const bytes = ArrayBuffer.isView(view)
        ? new Uint8Array(view.buffer, view.byteOffset, 1)
        : new Uint8Array(view);
      const room = open({
        say(party, from) {
          party.transact(() => {
            for (const value of [1, 2, 3]) {
              bytes[0] = value;
              from.send(view);
              party.broadcast(view);
            }
            bytes[0] = 4;
          });
          bytes[0] = 5;
        },
      });
      const { socket } = await joinAs(room, "ada");
      await socket.sendFrame("say", "");
      const received: number[] = [];
      while (received.length < 6) {
        received.push(...new Uint8Array((await socket.next()) as ArrayBuffer));
      }
      expect(received).toEqual([1, 1, 2, 2, 3, 3]);
    },
  );
});

describeDurableRooms("a step that throws after the commit", (open) => {
  it("loses none of the others, and the party hears of it", async () => {
    const { log, ...room } = open({
      say(party, from) {
        breakSocket(party, "bob");
        party.transact(() => {
          party.keep("kept");
          party.emit("said", "first");
          party.broadcast("second");
          party.emit("passing", "third");
        });
        from.send("and on");
      },
      onError: (_party, error) => void log.push((error as Error).message),
    });
    const first = await joinAs(room, "ada");
    await joinAs(room, "bob");
    const last = await joinAs(room, "eve");
    await first.socket.sendFrame("say", "");
    const sent = [
      ["said", "first", 1],
      ["$text", "second"],
      ["passing", "third"],
    ];
    expect(withoutTag(await framesOf(first.socket, 4))).toEqual([...sent, ["$text", "and on"]]);
    expect(withoutTag(await framesOf(last.socket, 3))).toEqual(sent);
    await vi.waitFor(() => expect(log).toContain("the platform failed"), { timeout: 60_000 });
    expect(await kept(room)).toEqual(["kept"]);
  });

  it("leaves a call that happened its reply", async () => {
    const { log, ...room } = open({
      post(party) {
        breakSocket(party, "bob");
        party.keep("kept");
        party.emit("said", "news");
        return "done";
      },
      onError: (_party, error) => void log.push((error as Error).message),
    });
    const ada = await joinAs(room, "ada");
    await joinAs(room, "bob");
    const eve = await joinAs(room, "eve");
    await ada.post(1);
    expect(withoutTag(await framesOf(ada.socket, 2))).toEqual([
      ["said", "news", 1],
      ["$reply", 1, "done"],
    ]);
    expect(withoutTag(await framesOf(eve.socket, 1))).toEqual([["said", "news", 1]]);
    await vi.waitFor(() => expect(log).toContain("the platform failed"), { timeout: 60_000 });
    await ada.post(1);
    expect(await framesOf(ada.socket, 1)).toEqual([["$reply", 1, "done"]]);
    expect(await kept(room)).toEqual(["kept"]);
  });
});

describeDurableRooms("transactionSync", (open) => {
  /** What it throws, as the party's own code sees it, and what is left behind. */
  async function tried(run: (party: DurableRoom) => unknown) {
    let thrown: unknown;
    const room = open({
      say(party) {
        try {
          party.transact(() => run(party));
        } catch (error) {
          thrown = error;
        }
        party.emit("said", "after");
      },
    });
    const { socket } = await joinAs(room, "ada");
    await socket.sendFrame("say", "");
    const frames = withoutTag(await framesOf(socket, 1));
    return { thrown, frames, kept: await kept(room) };
  }

  it("refuses an async function at once, and runs nothing of it", async () => {
    let ran = 0;
    const room = open({
      say(party) {
        const run = async () => {
          ran += 1;
          party.keep("never");
          await Promise.resolve();
        };
        expect(() => party.transact(run)).toThrow(TypeError);
        party.emit("said", "after");
      },
      onError: () => {},
    });
    const { socket } = await joinAs(room, "ada");
    await socket.sendFrame("say", "");
    expect(withoutTag(await framesOf(socket, 1))).toEqual([["said", "after", 1]]);
    expect(ran).toBe(0);
    expect(await kept(room)).toEqual([]);
  });

  it.each([
    ["a promise", () => Promise.resolve()],
    ["a promise that is rejected", () => Promise.reject(new Error("must not escape"))],
    // eslint-disable-next-line unicorn/no-thenable
    ["what has a then", () => ({ then: () => {} })],
    // eslint-disable-next-line unicorn/no-thenable
    ["a function that has a then, as RPC gives", () => Object.assign(() => {}, { then: () => {} })],
  ])("rolls back what returns %s, and says so", async (_what, result) => {
    const { thrown, ...left } = await tried((party) => {
      party.keep("never");
      party.emit("said", "never");
      return result();
    });
    expect(thrown).toBeInstanceOf(TypeError);
    expect(left).toEqual({ frames: [["said", "after", 1]], kept: [] });
  });
});
