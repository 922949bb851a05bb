import { runInDurableObject } from "cloudflare:test";
import { MAX_BATCH_LENGTH } from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { BATCHED_KINDS, join, quiet, watchSends } from "../../test/batches";
import { openTypedRoom } from "../../test/rooms";
import type { TypedRoom, TypedScript } from "../../test/typed-parties";

describe.each(BATCHED_KINDS)("what a room with a window sends (%s)", (party) => {
  const open = (script: TypedScript) => openTypedRoom(party, script);

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

  it("sends nothing of a transaction to one whose time ends in it, when what waited is dropped", async () => {
    const room = open({});
    const ada = await join(room, "ada");
    await runInDurableObject(room.stub, (party: TypedRoom) => {
      party.broadcast("1");
      party.broadcast("2");
      party.transactionSync(() => {
        party.broadcast("3");
        party.getConnection("ada")?.expireAt(Date.now() - 1);
        party.broadcast("4");
      });
    });
    await ada.closed();
    expect(ada.received.slice(1)).toEqual([
      '["$text","1"]',
      expect.stringMatching(/^\["\$close",\{"code":4401/),
    ]);
  });
});
