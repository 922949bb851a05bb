import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { DurableScript } from "../../../test/durable-party";
import { type DurableTestRoom, framesOf, joinAs } from "../../../test/leaving";
import { positionQuery } from "../../../test/positions";
import { describeDurableRooms } from "../../../test/rooms";
import { watchRows } from "../../../test/rows-read";
import type { TestSocket } from "../../../test/test-socket";

/** Of the frames of one page. */
const MAX_PAGE_BYTES = 262_144;
/** Rows that one page may cost. */
const MAX_PAGE_ROWS = 1_000;

interface Page {
  readonly events: { event: string; data: unknown; offset: number; atMs: number }[];
  readonly next?: number;
}

type HistoryScript = NonNullable<DurableScript["history"]>;

async function ask(socket: TestSocket, id: number, input?: unknown): Promise<Page> {
  await socket.sendFrame("$call", id, "$history", input);
  const [name, answered, page] = (await socket.frame()) as [string, number, Page];
  expect([name, answered]).toEqual(["$reply", id]);
  return page;
}

/** All pages, as a client reads them: the newest first. */
async function readAll(socket: TestSocket, input: object, mostPages: number): Promise<Page[]> {
  const pages: Page[] = [];
  let before: number | undefined;
  do {
    const page = await ask(socket, pages.length, { ...input, ...(before && { before }) });
    pages.push(page);
    before = page.next;
  } while (before !== undefined && pages.length <= mostPages);
  expect(before).toBeUndefined();
  return pages;
}

async function fill(room: DurableTestRoom, emit: [name: "said" | "bell", data: unknown][]) {
  await runInDurableObject(room.stub, (party) => {
    for (const [name, data] of emit) {
      if (name === "said") party.emit("said", data);
      else party.emit("bell");
    }
  });
}

function offsetsOf(pages: readonly Page[]): number[] {
  return pages.toReversed().flatMap(({ events }) => events.map(({ offset }) => offset));
}

function upTo(count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, index) => index + first);
}

describeDurableRooms("a page of the history", (open) => {
  const roomWith = (history: HistoryScript = {}, script: DurableScript = {}) =>
    open({ ...script, history: { keepEvents: 5_000, keepMs: 3_600_000, ...history } });

  it("is the last 50, and tells where the next one begins", async () => {
    const room = roomWith();
    await fill(
      room,
      upTo(120).map((n) => ["said", n]),
    );
    const { socket } = await joinAs(room, "ada");
    const first = await ask(socket, 1);
    expect(first.events.map(({ offset }) => offset)).toEqual(upTo(50, 71));
    expect(first.events[0]).toEqual({
      event: "said",
      data: 71,
      offset: 71,
      atMs: expect.any(Number),
    });
    const second = await ask(socket, 2, { before: first.next });
    expect(second.events.map(({ offset }) => offset)).toEqual(upTo(50, 21));
    const third = await ask(socket, 3, { before: second.next });
    expect(third.events.map(({ offset }) => offset)).toEqual(upTo(20));
    expect(third).not.toHaveProperty("next");
  });

  it("is empty, with nothing before it, in a room where nothing has happened", async () => {
    const { socket } = await joinAs(roomWith(), "ada");
    expect(await ask(socket, 1)).toEqual({ events: [] });
    expect(await ask(socket, 2, { before: 1 })).toEqual({ events: [] });
    expect(await ask(socket, 3, { before: 1_000_000 })).toEqual({ events: [] });
  });

  it("ends where the ring does: nothing is said to come before what is kept", async () => {
    const room = roomWith({ keepEvents: 100 });
    await fill(
      room,
      upTo(250).map((n) => ["said", n]),
    );
    const { socket } = await joinAs(room, "ada");
    const pages = await readAll(socket, { limit: 30 }, 5);
    expect(offsetsOf(pages)).toEqual(upTo(100, 151));
  });

  it.each([
    ["of Latin letters", "x".repeat(10_000)],
    ["of three bytes a letter", "€".repeat(3_334)],
  ])("holds at most 256 KiB, and all pages together everything once: %s", async (_what, data) => {
    const room = roomWith();
    await fill(
      room,
      upTo(100).map((n) => ["said", `${n} ${data}`]),
    );
    const { socket } = await joinAs(room, "ada");
    const pages = await readAll(socket, { limit: 1_000 }, 10);
    expect(offsetsOf(pages)).toEqual(upTo(100));
    for (const text of socket.received.slice(1)) {
      // `{"event":…,"data":…,"offset":…,"atMs":…}` says more than the frame does.
      const bytes = new TextEncoder().encode(String(text)).length;
      expect(bytes).toBeLessThanOrEqual(MAX_PAGE_BYTES + 100 * 60);
    }
    expect(pages.length).toBeGreaterThanOrEqual(4);
    // And is no smaller than it has to be.
    expect(pages.length).toBeLessThanOrEqual(6);
  });

  it("holds one event at least, however large", async () => {
    const room = roomWith();
    const large = "x".repeat(600_000);
    await fill(room, [
      ["said", 1],
      ["said", large],
      ["said", large],
      ["said", 4],
    ]);
    const { socket } = await joinAs(room, "ada");
    const pages = await readAll(socket, {}, 4);
    expect(offsetsOf(pages)).toEqual([1, 2, 3, 4]);
    expect(Math.max(...pages.map(({ events }) => JSON.stringify(events).length))).toBeLessThan(
      700_000,
    );
  });

  it.each([
    ["one event by name among many others", { event: "said" }, {}],
    ["events that were for others", {}, { to: ["somebody else"] }],
  ])("costs at most 1,000 rows: %s", async (_what, input, audience) => {
    const room = roomWith();
    await runInDurableObject(room.stub, (party) => {
      party.emit("said", "the only one");
      for (let count = 0; count < 3_000; count += 1) party.emit("bell", undefined, audience);
    });
    const { socket } = await joinAs(room, "ada");
    const rows = await watchRows(room.stub);
    const pages: Page[] = [];
    let before: number | undefined;
    do {
      rows();
      const page = await ask(socket, pages.length, { ...input, limit: 1_000, before });
      const read = rows();
      // A little more than that, where the room has slept.
      expect(read.rows, read.statements.join("\n")).toBeLessThanOrEqual(MAX_PAGE_ROWS + 30);
      pages.push(page);
      before = page.next;
    } while (before !== undefined && pages.length < 10);
    expect(before).toBeUndefined();
    expect(pages.length).toBeLessThanOrEqual(5);
    expect(pages.flatMap(({ events }) => events.map(({ data }) => data))).toEqual(["the only one"]);
  });

  it.each([
    { event: "passing" },
    { event: "unheard" },
    { event: "constructor" },
    { event: "" },
    { event: 1 },
    { event: null },
    { event: ["said"] },
    { before: -1 },
    { before: 1.5 },
    { before: "1" },
    { before: 1e300 },
    { limit: 0 },
    { limit: 1_001 },
    { limit: "all" },
    { limit: null },
    "said",
    1,
  ])("is refused for %j, and costs no row of an event", async (input) => {
    const room = roomWith();
    await fill(
      room,
      upTo(100).map((n) => ["said", n]),
    );
    const { socket } = await joinAs(room, "ada");
    const rows = await watchRows(room.stub);
    await socket.sendFrame("$call", 1, "$history", input);
    expect(await socket.frame()).toMatchObject(["$fail", 1, { code: "invalid" }]);
    expect(rows().rows).toBeLessThanOrEqual(30);
  });

  it("is for the room alone where clients may not ask", async () => {
    const room = roomWith({ clients: false });
    await fill(
      room,
      upTo(3).map((n) => ["said", n]),
    );
    const ada = await joinAs(room, "ada");
    await ada.socket.sendFrame("$call", 1, "$history");
    expect(await ada.socket.frame()).toMatchObject(["$fail", 1, { code: "unknown_call" }]);
    const read = await runInDurableObject(room.stub, (party) =>
      party.history.read().map(({ data }) => data),
    );
    expect(read).toEqual([1, 2, 3]);
    // What a client has missed, it gets all the same.
    await fill(room, [["said", 4]]);
    await framesOf(ada.socket, 1);
    const back = await joinAs(room, "bob", { query: `&${positionQuery(ada.hello.history)}` });
    expect(back.hello.history).toMatchObject({ offset: 3, recovered: true });
    expect(await framesOf(back.socket, 1)).toEqual([["said", 4, 4, expect.any(String)]]);
  });
});
