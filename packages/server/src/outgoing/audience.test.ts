import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openRoom } from "../testing/index";

/** Whether the room sleeps after its clients have joined, and so has only their attachments. */
const KINDS = [
  ["in memory", async () => openRoom(env.IN_MEMORY_DURABLE), false],
  ["hibernating", async () => openRoom(env.HIBERNATING_DURABLE), false],
  ["asleep", async () => openRoom(env.HIBERNATING_DURABLE), true],
] as const;

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

describe.each(KINDS)("an audience that is a mistake (%s)", (_kind, open, sleeps) => {
  it.each(["passing", "said"] as const)("makes emit throw, and nobody gets %s", async (event) => {
    const room = await open();
    const ada = await room.join({ id: "ada" });
    const bob = await room.join({ id: "bob" });
    if (sleeps) await room.sleep();
    const accepted = await room.run((party) =>
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
    await Promise.all([ada.nothing(), bob.nothing()]);
    expect(await room.run((party) => party.history.head)).toBe(0);
  });

  it("is named by the error", async () => {
    const room = await open();
    await room.run((party) => {
      expect(() => party.emit("passing", 1, { to: undefined })).toThrow(/\bto\b/);
      expect(() => party.emit("passing", 1, { exclude: [] } as never)).toThrow(/exclude/);
    });
  });

  it("in a transaction leaves the transaction's other work to its own code", async () => {
    const room = await open();
    const ada = await room.join();
    if (sleeps) await room.sleep();
    await room.run((party) =>
      party.transact(() => {
        party.emit("said", "before");
        expect(() => party.emit("said", "secret", { to: undefined })).toThrow(TypeError);
        party.emit("said", "after");
      }),
    );
    expect(await ada.next("said")).toBe("before");
    expect(await ada.next("said")).toBe("after");
    expect(await room.run((party) => party.history.head)).toBe(2);
  });
});

describe.each(KINDS)("an audience in the place of an event's data (%s)", (_kind, open, sleeps) => {
  it.each(["passing", "said"] as const)("makes emit throw, and nobody gets %s", async (event) => {
    const room = await open();
    const ada = await room.join({ id: "ada" });
    const bob = await room.join({ id: "bob" });
    if (sleeps) await room.sleep();
    const accepted = await room.run((party) =>
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
    await Promise.all([ada.nothing(), bob.nothing()]);
    expect(await room.run((party) => party.history.head)).toBe(0);
  });

  it("is data where an audience follows it, even an empty one", async () => {
    const room = await open();
    const ada = await room.join({ id: "ada" });
    const bob = await room.join({ id: "bob" });
    if (sleeps) await room.sleep();
    await room.run((party) => {
      party.emit("passing", { to: ["ada"] }, {});
      party.emit("passing", { to: ["bob"] }, { to: ["ada"] });
    });
    expect(await ada.next("passing")).toEqual({ to: ["ada"] });
    expect(await ada.next("passing")).toEqual({ to: ["bob"] });
    expect(await bob.next("passing")).toEqual({ to: ["ada"] });
    await Promise.all([ada.nothing(), bob.nothing()]);
  });

  it("is data where it has more than an audience, or nothing at all", async () => {
    const room = await open();
    const ada = await room.join({ id: "ada" });
    if (sleeps) await room.sleep();
    const data: unknown[] = [
      {},
      [],
      null,
      { to: ["ada"], text: "hello" },
      { letter: { to: ["ada"] } },
      [{ to: ["ada"] }],
    ];
    await room.run((party) => {
      for (const value of data) party.emit("passing", value);
      party.emit("bell");
      party.emit("bell", undefined, { to: ["ada"] });
    });
    for (const value of data) expect(await ada.next("passing")).toEqual(value);
    for (let bells = 0; bells < 2; bells += 1) expect(await ada.next("bell")).toBeNull();
    await ada.nothing();
  });
});
