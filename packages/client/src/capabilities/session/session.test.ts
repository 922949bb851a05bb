import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { framesOf, sayHello, send } from "../../../test/room-server";
import { failureOf, isOpen, Rooms } from "../../../test/rooms";
import { Tab } from "../../../test/tab";
import { session } from "./session";

const POSITION = "partyflare.history";
const ONCE = { calls: ["count", "rename"], since: "e.0" };
const HISTORY = { epoch: "e", offset: 3, tag: "three" };

/** A call's frame, as a room reads it. */
type Frame = [string, number, string, unknown, { page: string; number: number; repeat?: true }];

describe("a session", () => {
  let rooms: Rooms;
  let tab: Tab;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { once: ONCE, history: HISTORY };
    tab = new Tab().enter();
  });
  afterEach(async () => {
    await rooms.stop();
    vi.unstubAllGlobals();
    Tab.locks.clear();
  });

  /** The page is loaded again, as another instance of the library. */
  async function reload(): Promise<typeof session> {
    tab.leave();
    vi.resetModules();
    tab.enter();
    return (await import("./session")).session;
  }

  it("makes the page after it the same client, at the same place", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    const again = await reload();
    const second = await rooms.open({ room, resume: again() });
    expect(second.room.id).toBe(first.room.id);
    expect(second.visit.key).toBe(first.visit.key);
    expect(second.visit.query.get(POSITION)).toBe("e.3.three");
  });

  it("goes on with the calls that happen once: the same operations, in their order", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    void first.room.call("count").catch(() => {});
    void first.room.call("rename", { name: "Ada" }).catch(() => {});
    await eventually(() => expect(framesOf(first.visit)).toHaveLength(2));
    send(first.visit, ["$reply", 0, 1]);
    await eventually(() => expect(first.room.status.state).toBe("open"));
    rooms.server.saysHello = false;
    first.visit.socket.terminate();
    await rooms.visit(2);
    // Never sent.
    void first.room.call("count").catch(() => {});

    const again = await reload();
    const second = rooms.enter({ room, resume: again() });
    expect(second.room.resumed.map(({ call, input }) => [call, input])).toEqual([
      ["rename", { name: "Ada" }],
      ["count", undefined],
    ]);
    void second.room.call("count").catch(() => {});
    const visit = await rooms.visit(3);
    sayHello(visit, { once: { ...ONCE, since: "e.9" } });
    await eventually(() => expect(framesOf(visit)).toHaveLength(3));
    const [, sent] = framesOf(first.visit) as Frame[];
    const [repeated, unsent, fresh] = framesOf(visit) as Frame[];
    expect(repeated?.slice(2)).toEqual([
      "rename",
      { name: "Ada" },
      { ...sent?.[4], oldest: 2, repeat: true },
    ]);
    expect(unsent?.[4]).toEqual({ page: sent?.[4].page, number: 3, oldest: 2, since: "e.9" });
    expect(fresh?.[4]).toMatchObject({ number: 1 });
    expect(fresh?.[4].page).not.toBe(sent?.[4].page);
    send(visit, ["$reply", repeated?.[1], { name: "Ada" }]);
    expect(await second.room.resumed[0]?.answer).toEqual({ name: "Ada" });
  });

  it("goes on with what was called before any hello, where the room lists it", async () => {
    rooms.server.saysHello = false;
    const room = randomUUID();
    const first = rooms.enter({ room, resume: session() });
    void first.room.call("count", undefined, { timeoutMs: Infinity }).catch(() => {});
    void first.room.call("rename", { name: "Ada" }).catch(() => {});
    await rooms.visit();
    const again = await reload();
    const second = rooms.enter({ room, resume: again() });
    const [count, rename] = second.room.resumed;
    const visit = await rooms.visit(2);
    sayHello(visit, { once: { ...ONCE, calls: ["count"] } });
    expect(await failureOf(rename!.answer)).toMatchObject({ code: "unknown_call" });
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    const [frame] = framesOf(visit) as Frame[];
    send(visit, ["$reply", frame?.[1], 7]);
    expect(await count?.answer).toBe(7);
  });

  it("keeps nothing of calls that were rejected or answered", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    const failed = failureOf(first.room.call("count"));
    first.room.close();
    await failed;
    const again = await reload();
    expect(rooms.enter({ room, resume: again() }).room.resumed).toEqual([]);
  });

  it("is not that of a tab that was duplicated, whose calls go on in their own", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    void first.room.call("count").catch(() => {});
    await eventually(() => expect(framesOf(first.visit)).toHaveLength(1));
    await eventually(() => expect([...tab.stored.values()].join("")).toContain('"count"'));
    tab.duplicate().enter();
    vi.resetModules();
    const { session: other } = await import("./session");
    const second = rooms.enter({ room, resume: other() });
    const [resumed] = second.room.resumed;
    expect(await failureOf(resumed!.answer)).toMatchObject({ code: "aborted" });
    await isOpen(second.room);
    expect(second.room.id).not.toBe(first.room.id);
    expect(rooms.server.visits.at(-1)?.query.get(POSITION)).toBe("");
  });

  it("never takes another id than the app's, also where another page has it", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    await rooms.open({ room: first, id: "ada", resume: session() });
    expect((await rooms.open({ room: second, id: "ada", resume: session() })).room.id).toBe("ada");
    tab.duplicate().enter();
    vi.resetModules();
    const { session: other } = await import("./session");
    const elsewhere = await rooms.open({ room: first, id: "ada", resume: other() });
    expect(elsewhere.room.id).toBe("ada");
    expect(elsewhere.visit.query.get(POSITION)).toBe("");
  });

  it("is another client's where the app gives another id or key", async () => {
    const room = randomUUID();
    const key = "a".repeat(22);
    const first = await rooms.open({ room, resume: session() });
    let again = await reload();
    const other = await rooms.open({ room, key, resume: again() });
    expect(other.visit.key).toBe(key);
    expect(other.room.id).not.toBe(first.room.id);
    expect(other.visit.query.get(POSITION)).toBe("");
    again = await reload();
    const same = await rooms.open({ room, key, resume: again() });
    expect(same.room.id).toBe(other.room.id);
    expect(same.visit.query.get(POSITION)).toBe("e.3.three");
  });

  it("is another client's where another user has signed in, by the token or by name", async () => {
    const room = randomUUID();
    const ada = await rooms.open({ room, token: "ada's secret", resume: session() });
    void ada.room.call("count").catch(() => {});
    await eventually(() => expect(framesOf(ada.visit)).toHaveLength(1));
    expect([...tab.stored.values()].join("")).not.toContain("secret");
    let again = await reload();
    const bob = await rooms.open({ room, token: "bob's secret", resume: again() });
    expect(bob.room.id).not.toBe(ada.room.id);
    expect(bob.visit.key).not.toBe(ada.visit.key);
    expect(bob.visit.query.get(POSITION)).toBe("");
    expect(bob.room.resumed).toEqual([]);
    const token = () => "fresh";
    again = await reload();
    const eve = await rooms.open({ room, token, resume: again("eve") });
    expect(eve.room.id).not.toBe(bob.room.id);
    again = await reload();
    expect((await rooms.open({ room, token, resume: again("eve") })).room.id).toBe(eve.room.id);
  });

  it("releases its lock and its listener when its room is closed, and claims them again", async () => {
    const names = Array.from({ length: 50 }, () => randomUUID());
    const opened = await Promise.all(
      names.map((room) => rooms.open({ room, resume: session() }, { random: () => 0 })),
    );
    expect(Tab.locks.size).toBe(50);
    expect(tab.listeners.size).toBe(50);
    for (const { room } of opened) room.close();
    await eventually(() => expect(Tab.locks.size).toBe(0));
    expect(tab.listeners.size).toBe(0);
    const { room } = opened[0]!;
    const { id } = room;
    room.reconnect();
    await isOpen(room);
    expect(room.id).toBe(id);
    expect(Tab.locks.size).toBe(1);
    expect([...Tab.locks][0]).toContain(room.name);
  });

  it.each([
    ["no JSON"],
    ["null"],
    ["{}"],
    ['{"id":"a b","key":"ok"}'],
    ['{"id":"ada","key":"?"}'],
    ['{"id":1,"key":[]}'],
  ])("begins anew where it finds %s", async (text) => {
    const room = randomUUID();
    await rooms.open({ room, resume: session() });
    const again = await reload();
    const name = [...tab.stored.keys()][0]!;
    tab.stored.set(name, text);
    const { visit } = await rooms.open({ room, resume: again() });
    expect(visit.query.get("_pk")).not.toBe("ada");
  });

  it("forgets a position and calls that no room can read, and keeps the rest", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    const again = await reload();
    const [name, text] = [...tab.stored][0]!;
    const calls = [
      null,
      { name: 7 },
      { name: "count", page: "p", number: 0, since: "e.0" },
      { name: "count", page: "no page!", number: 1, since: "e.0" },
      { name: "count", page: "p", number: 1, since: 5 },
      { name: "count", page: "p", number: 2, since: "e.0" },
    ];
    const nonsense = { ...JSON.parse(text), position: "x".repeat(9_000), calls };
    tab.stored.set(name, JSON.stringify(nonsense));
    const { room: entered, visit } = await rooms.open({ room, resume: again() });
    expect(entered.id).toBe(first.room.id);
    expect(visit.query.get(POSITION)).toBe("");
    expect(entered.resumed).toHaveLength(1);
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
  });

  it("leaves nothing that is not true any more where the storage is full", async () => {
    const room = randomUUID();
    const { room: entered } = await rooms.open({ room, resume: session() });
    expect(tab.stored.size).toBe(1);
    tab.isFull = true;
    void entered.call("count").catch(() => {});
    await eventually(() => expect(tab.stored.size).toBe(0));
    const again = await reload();
    tab.isFull = false;
    expect((await rooms.open({ room, resume: again() })).room.id).not.toBe(entered.id);
  });

  const refusing = () => {
    throw new DOMException("Sandboxed.", "SecurityError");
  };
  it.each<[where: string, change: () => void]>([
    [
      "a sandboxed frame",
      () =>
        Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: refusing }),
    ],
    [
      "a page with blocked cookies",
      () => vi.stubGlobal("sessionStorage", { getItem: refusing, setItem: refusing }),
    ],
    ["Node, which has the storage alone", () => vi.stubGlobal("addEventListener", undefined)],
    ["a page without locks", () => vi.stubGlobal("navigator", {})],
    ["a Worker", () => vi.stubGlobal("sessionStorage", undefined)],
    [
      "a page that may not lock",
      () => vi.stubGlobal("navigator", { locks: { request: () => Promise.reject(new Error()) } }),
    ],
    [
      "a page whose locks throw",
      () => vi.stubGlobal("navigator", { locks: { request: refusing } }),
    ],
  ])("does nothing in %s, and the client works", async (_where, change) => {
    change();
    const { room, visit } = await rooms.open({ resume: session() });
    const call = room.call("count");
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    send(visit, ["$reply", 0, 1]);
    expect(await call).toBe(1);
    room.close();
  });

  it("needs no AbortSignal.timeout, which Safari 15 does not have", async () => {
    vi.stubGlobal("AbortSignal", { abort: AbortSignal.abort });
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    const again = await reload();
    expect((await rooms.open({ room, resume: again() })).room.id).toBe(first.room.id);
  });
});
