import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { FramedClient } from "../../test/framed-client";
import { describeDurableRooms } from "../../test/rooms";

/** What is given as options by mistake. */
const MISTAKES: readonly unknown[] = [
  { to: undefined },
  { except: undefined },
  { tags: undefined },
  { clients: undefined },
  { to: ["ada"], except: undefined },
  { to: null },
  { to: "ada" },
  { to: { 0: "ada", length: 1 } },
  { to: new Set(["ada"]) },
  { to: [undefined] },
  { to: [7] },
  { except: "ada" },
  { except: [null] },
  { tags: "red" },
  { tags: [["red"]] },
  { clients: "id:ada" },
  { clients: [{}] },
  { too: ["ada"] },
  { exclude: ["ada"] },
  { tag: "red" },
  { to: ["ada"], client: "id:ada" },
  ["ada"],
  "ada",
  null,
];

/** What looks like an audience where an event's data belongs. */
const FORGOTTEN_DATA: readonly object[] = [
  { to: ["ada"] },
  { except: ["ada"] },
  { tags: ["red"] },
  { clients: ["id:ada"] },
  { to: ["ada"], tags: [] },
  { to: undefined },
];

describeDurableRooms("an audience that is a mistake", (open) => {
  it.each(["passing", "said"] as const)("makes emit throw, and nobody gets %s", async (event) => {
    const room = open();
    const ada = await FramedClient.join(room, { id: "ada" });
    const bob = await FramedClient.join(room, { id: "bob" });
    const accepted = await runInDurableObject(room.stub, (party) =>
      MISTAKES.filter((options) => {
        try {
          party.emit(event, "secret", options as never);
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return false;
        }
      }).map((options) => JSON.stringify(options)),
    );
    expect(accepted).toEqual([]);
    expect(await ada.received()).toEqual([]);
    expect(await bob.received()).toEqual([]);
    expect(await runInDurableObject(room.stub, (party) => party.history.head)).toBe(0);
  });

  it("is named by the error", async () => {
    const room = open();
    await runInDurableObject(room.stub, (party) => {
      expect(() => party.emit("passing", 1, { to: undefined })).toThrow(/\bto\b/);
      expect(() => party.emit("passing", 1, { exclude: [] } as never)).toThrow(/exclude/);
    });
  });

  it("in a transaction leaves the transaction's other work to its own code", async () => {
    const room = open();
    const ada = await FramedClient.join(room);
    await runInDurableObject(room.stub, (party) =>
      party.transact(() => {
        party.emit("said", "before");
        expect(() => party.emit("said", "secret", { to: undefined })).toThrow(TypeError);
        party.emit("said", "after");
      }),
    );
    const frames = await ada.received();
    expect(frames.map(([, data, offset]) => [data, offset])).toEqual([
      ["before", 1],
      ["after", 2],
    ]);
  });
});

describeDurableRooms("an audience in the place of an event's data", (open) => {
  it.each(["passing", "said"] as const)("makes emit throw, and nobody gets %s", async (event) => {
    const room = open();
    const ada = await FramedClient.join(room, { id: "ada" });
    const bob = await FramedClient.join(room, { id: "bob" });
    const accepted = await runInDurableObject(room.stub, (party) =>
      FORGOTTEN_DATA.filter((data) => {
        try {
          party.emit(event, data);
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return false;
        }
      }),
    );
    expect(accepted).toEqual([]);
    expect(await ada.received()).toEqual([]);
    expect(await bob.received()).toEqual([]);
    expect(await runInDurableObject(room.stub, (party) => party.history.head)).toBe(0);
  });

  it("is data where an audience follows it, even an empty one", async () => {
    const room = open();
    const ada = await FramedClient.join(room, { id: "ada" });
    const bob = await FramedClient.join(room, { id: "bob" });
    await runInDurableObject(room.stub, (party) => {
      party.emit("passing", { to: ["ada"] }, {});
      party.emit("passing", { to: ["bob"] }, { to: ["ada"] });
    });
    expect(await ada.received()).toEqual([
      ["passing", { to: ["ada"] }],
      ["passing", { to: ["bob"] }],
    ]);
    expect(await bob.received()).toEqual([["passing", { to: ["ada"] }]]);
  });

  it("is data where it has more than an audience, or nothing at all", async () => {
    const room = open();
    const ada = await FramedClient.join(room, { id: "ada" });
    const data: unknown[] = [
      {},
      [],
      null,
      { to: ["ada"], text: "hello" },
      { letter: { to: ["ada"] } },
      [{ to: ["ada"] }],
    ];
    await runInDurableObject(room.stub, (party) => {
      for (const value of data) party.emit("passing", value);
      party.emit("bell");
      party.emit("bell", undefined, { to: ["ada"] });
    });
    const frames = await ada.received();
    expect(frames.slice(0, -2)).toEqual(data.map((value) => ["passing", value]));
    expect(frames.slice(-2)).toEqual([
      ["bell", null, 1, expect.any(String)],
      ["bell", null, 2, expect.any(String)],
    ]);
  });
});
