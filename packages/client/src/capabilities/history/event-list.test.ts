import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { framesOf, send, sayHello, type Visit } from "../../../test/room-server";
import { type chat, FOR_EVER, isOpen, Rooms } from "../../../test/rooms";
import { EventList } from "./event-list";
import type { Room } from "../../room/room";

const EPOCH = { epoch: "e1", offset: 0, tag: "start" };

describe("a list of durable events", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { history: EPOCH };
  });
  afterEach(() => rooms.stop());

  it("asks for the last page once the room is open, and for nothing before", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter();
    const { list, changes } = listOf(room, 3);
    expect(list.state).toEqual({ events: [], hasMore: false, isLoading: true, error: undefined });
    const visit = await rooms.visit();
    sayHello(visit, { history: EPOCH });
    const page = await asked(visit);
    expect(page.input).toEqual({ event: "said", limit: 3 });
    page.answer(7, 8, 10);
    await shows(list, 7, 8, 10);
    expect(list.state).toMatchObject({ hasMore: true, isLoading: false, error: undefined });
    expect(changes).toHaveBeenCalledTimes(1);
    expect(framesOf(visit)).toHaveLength(1);
  });

  it("has no more where the last page is not full", async () => {
    const { visit, list } = await loaded(2, 3);
    expect(list.state).toMatchObject({ hasMore: false, isLoading: false });
    list.loadMore();
    // What is sent after it arrives after it: nothing was asked for.
    send(visit, said(4));
    await shows(list, 2, 3, 4);
    expect(framesOf(visit)).toHaveLength(1);
  });

  it("goes on to ask where a room answers with a part of the page, and shows it as one", async () => {
    const { room, visit } = await rooms.open();
    const { list, changes } = listOf(room, 3);
    (await asked(visit)).answerInPart(900, 905);
    const second = await asked(visit, 2);
    expect(second.input).toEqual({ event: "said", before: 900, limit: 2 });
    second.answerInPart(40);
    const third = await asked(visit, 3);
    expect(third.input).toEqual({ event: "said", before: 40, limit: 2 });
    expect(list.state.isLoading).toBe(true);
    third.answer(7, 8);
    await shows(list, 7, 8, 905);
    expect(list.state).toMatchObject({ hasMore: true, isLoading: false });
    expect(changes).toHaveBeenCalledTimes(1);
    expect(framesOf(visit)).toHaveLength(3);
  });

  it("adds what comes, in order and each once, and lets go of what is not durable", async () => {
    const { visit, list } = await loaded(2, 3);
    const before = list.state.events;
    send(visit, ["said", { text: "?" }], said(5), said(5));
    send(visit, ["waved", null, 6, "tag6"], said(7));
    await shows(list, 2, 3, 5, 7);
    expect(list.state.events[0]).toEqual({ ...at(2), event: "said", atMs: 2_000 });
    expect(list.state.events.at(-1)).toEqual(at(7));
    expect(before.map(({ offset }) => offset)).toEqual([2, 3]);
  });

  it("appends once for each message, however many events it carries", async () => {
    const { visit, list, changes } = await loaded(1);
    changes.mockClear();
    const messages = 8;
    const eventsEach = 5_000;
    for (let message = 0; message < messages; message += 1) {
      const first = 2 + message * eventsEach;
      send(visit, ...Array.from({ length: eventsEach }, (_, index) => said(first + index)));
    }
    await eventually(() => expect(list.state.events).toHaveLength(1 + messages * eventsEach));
    expect(changes).toHaveBeenCalledTimes(messages);
    expect(list.state.events.at(-1)).toEqual(at(1 + messages * eventsEach));
  });

  it("holds the newest events alone where it is told how many to keep", async () => {
    const { room, visit } = await rooms.open();
    const { list } = listOf(room, 3, 4);
    (await asked(visit)).answer(7, 8, 9);
    await shows(list, 7, 8, 9);
    expect(list.state.hasMore).toBe(true);
    list.loadMore();
    (await asked(visit, 2)).answer(4, 5, 6);
    await shows(list, 6, 7, 8, 9);
    // There are earlier ones, and no room for them.
    expect(list.state.hasMore).toBe(false);
    list.loadMore();
    send(visit, said(10), said(11));
    await shows(list, 8, 9, 10, 11);
    expect(framesOf(visit)).toHaveLength(2);
  });

  it("loads earlier events again once it may keep more, and lets go of some once it may not", async () => {
    const { room, visit } = await rooms.open();
    const { list, changes } = listOf(room, 3, 3);
    (await asked(visit)).answer(7, 8, 9);
    await shows(list, 7, 8, 9);
    expect(list.state.hasMore).toBe(false);
    changes.mockClear();
    list.update({ limit: 3, keep: 5 });
    await eventually(() => expect(list.state.hasMore).toBe(true));
    expect(changes).toHaveBeenCalledTimes(1);
    list.loadMore();
    (await asked(visit, 2)).answer(4, 5, 6);
    await shows(list, 5, 6, 7, 8, 9);
    list.update({ limit: 3, keep: 2 });
    await shows(list, 8, 9);
    list.update({ limit: 3 });
    await eventually(() => expect(list.state.hasMore).toBe(true));
  });

  it("never asks for a page that is longer than the list", async () => {
    const { room, visit } = await rooms.open();
    const { list } = listOf(room, 50, 2);
    const page = await asked(visit);
    expect(page.input).toEqual({ event: "said", limit: 2 });
    page.answer(8, 9);
    await shows(list, 8, 9);
  });

  it("shows what comes before the first page, once", async () => {
    const { room, visit } = await rooms.open();
    const { list } = listOf(room, 3);
    const page = await asked(visit);
    send(visit, said(5), said(6));
    await shows(list, 5, 6);
    expect(list.state.isLoading).toBe(true);
    page.answer(3, 4, 5);
    await shows(list, 3, 4, 5, 6);
    expect(list.state).toMatchObject({ hasMore: true, isLoading: false });
  });

  it("has no gap where a replay has not come as far as the first page", async () => {
    const { room, visit } = await rooms.open();
    const { list } = listOf(room, 3);
    const page = await asked(visit);
    send(visit, said(1), said(2));
    await shows(list, 1, 2);
    page.answer(8, 9, 10);
    await shows(list, 8, 9, 10);
    send(visit, said(3), said(10));
    send(visit, said(11));
    await shows(list, 8, 9, 10, 11);
  });

  it("loads the page before the first one, one at a time, until there is none", async () => {
    const { visit, list } = await loaded(7, 8, 9);
    list.loadMore();
    list.loadMore();
    expect(list.state.isLoading).toBe(true);
    const second = await asked(visit, 2);
    expect(second.input).toEqual({ event: "said", before: 7, limit: 3 });
    send(visit, said(10));
    second.answer(3, 4, 6);
    await shows(list, 3, 4, 6, 7, 8, 9, 10);
    expect(list.state).toMatchObject({ hasMore: true, isLoading: false });
    list.update({ limit: 5 });
    list.loadMore();
    const third = await asked(visit, 3);
    expect(third.input).toEqual({ event: "said", before: 3, limit: 5 });
    third.answer(1);
    await shows(list, 1, 3, 4, 6, 7, 8, 9, 10);
    expect(list.state.hasMore).toBe(false);
    list.loadMore();
    expect(list.state.isLoading).toBe(false);
  });

  it("is kept across a reconnect, which brings what was missed", async () => {
    const { room, visit, list, changes } = await loaded(7, 8, 9);
    changes.mockClear();
    rooms.server.hello = { history: { ...EPOCH, offset: 9, recovered: true } };
    const next = await comesBack(room, visit);
    send(next, said(10));
    await shows(list, 7, 8, 9, 10);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(framesOf(next)).toEqual([]);
  });

  it("is replaced in one step where the room cannot make up for what was missed", async () => {
    const { room, visit, list } = await loaded(7, 8, 9);
    rooms.server.hello = { history: { epoch: "e2", offset: 2, tag: "two", recovered: false } };
    const next = await comesBack(room, visit);
    const page = await asked(next);
    expect(page.input).toEqual({ event: "said", limit: 3 });
    send(next, said(3));
    await eventually(() => expect(room.status.state).toBe("open"));
    expect(offsetsOf(list)).toEqual([7, 8, 9]);
    expect(list.state.isLoading).toBe(true);
    page.answer(1, 2);
    await shows(list, 1, 2, 3);
    expect(list.state).toMatchObject({ hasMore: false, isLoading: false });
  });

  it("asks once where the room says with its hello that there is a gap", async () => {
    rooms.server.hello = { history: { ...EPOCH, recovered: false } };
    const { room } = rooms.enter();
    const { list } = listOf(room, 3);
    const visit = await rooms.visit();
    const page = await asked(visit);
    page.answer(1, 2);
    await shows(list, 1, 2);
    room.emit("wave");
    await eventually(() => expect(framesOf(visit).at(-1)).toEqual(["wave"]));
    expect(framesOf(visit)).toHaveLength(2);
  });

  it("takes no page that was asked for before the storage was wiped", async () => {
    const { visit, list } = await loaded(7, 8, 9);
    list.loadMore();
    const old = await asked(visit, 2);
    send(visit, ["$history", { epoch: "e2", offset: 0, tag: "anew", recovered: false }]);
    send(visit, said(1));
    const page = await asked(visit, 3);
    old.answer(4, 5, 6);
    page.answer(1);
    await shows(list, 1);
  });

  it("is asked for again on the next connection where the first page was lost", async () => {
    const { room, visit } = await rooms.open();
    const { list, changes } = listOf(room, 3);
    await asked(visit);
    const next = await comesBack(room, visit);
    expect(changes).not.toHaveBeenCalled();
    (await asked(next)).answer(1, 2);
    await shows(list, 1, 2);
  });

  it("tells why a page could not be loaded, and tries again when it is told to", async () => {
    const { room, visit } = await rooms.open();
    const { list } = listOf(room, 3);
    (await asked(visit)).refuse("unknown_call");
    await eventually(() => expect(list.state.error?.code).toBe("unknown_call"));
    send(visit, said(3));
    await shows(list, 3);
    expect(list.state.isLoading).toBe(false);
    list.loadMore();
    expect(list.state).toMatchObject({ isLoading: true, error: undefined });
    const again = await asked(visit, 2);
    expect(again.input).toEqual({ event: "said", limit: 3 });
    again.answer(1, 2, 3);
    await shows(list, 1, 2, 3);

    list.loadMore();
    (await asked(visit, 3)).refuse("rate_limited");
    await eventually(() => expect(list.state.error?.code).toBe("rate_limited"));
    expect(list.state).toMatchObject({ hasMore: true, isLoading: false });
    list.loadMore();
    (await asked(visit, 4)).answer();
    await eventually(() => expect(list.state.hasMore).toBe(false));
    expect(offsetsOf(list)).toEqual([1, 2, 3]);
  });

  it("does not load for ever in a room that is closed, and loads once it is entered again", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter(FOR_EVER);
    const { list } = listOf(room, 3);
    room.close();
    expect(list.state).toMatchObject({ isLoading: false, error: undefined });
    rooms.server.saysHello = true;
    room.reconnect();
    expect(list.state.isLoading).toBe(true);
    await isOpen(room);
    (await asked(rooms.server.visits.at(-1)!)).answer(1);
    await shows(list, 1);
  });

  it("is the same for who stops listening and listens again at once", async () => {
    const { visit, list, stop } = await loaded(7, 8, 9);
    stop();
    const changes = vi.fn();
    list.subscribe(changes);
    send(visit, said(10));
    await shows(list, 7, 8, 9, 10);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(framesOf(visit)).toHaveLength(1);
  });

  it("is loaded anew for who listens again later", async () => {
    const { visit, list, stop } = await loaded(7, 8, 9);
    stop();
    // The list stops in a turn of its own, which was asked for before this one.
    await new Promise((resolve) => setTimeout(resolve));
    send(visit, said(10));
    list.subscribe(() => {});
    const page = await asked(visit, 2);
    expect(offsetsOf(list)).toEqual([7, 8, 9]);
    page.answer(9, 10, 11);
    await shows(list, 9, 10, 11);
  });

  /** A list of pages of three, with its first page. */
  async function loaded(...offsets: number[]) {
    const { room, visit } = await rooms.open();
    const listed = listOf(room, 3);
    (await asked(visit)).answer(...offsets);
    await shows(listed.list, ...offsets);
    return { room, visit, ...listed };
  }

  /** Cuts a connection, and gives the next one's other side. */
  async function comesBack(room: Room<typeof chat>, visit: Visit): Promise<Visit> {
    const number = rooms.server.visits.length + 1;
    visit.socket.terminate();
    const next = await rooms.visit(number);
    await isOpen(room);
    return next;
  }
});

/** A list that somebody listens to. */
function listOf(room: Room<typeof chat>, limit: number, keep?: number) {
  const list = new EventList(room, "said", { limit, keep });
  const changes = vi.fn();
  return { list, changes, stop: list.subscribe(changes) };
}

type List = EventList<typeof chat, "said">;

function offsetsOf({ state }: List): number[] {
  return state.events.map(({ offset }) => offset);
}

function shows(list: List, ...offsets: number[]): Promise<void> {
  return eventually(() => expect(offsetsOf(list)).toEqual(offsets));
}

/** A durable event, as a room sends it. */
function said(offset: number): unknown[] {
  return ["said", { text: String(offset) }, offset, `tag${offset}`];
}

function at(offset: number) {
  return { data: { text: String(offset) }, offset };
}

/** Durable events, as a room answers with them. */
function past(offsets: number[]) {
  return offsets.map((offset) => ({ event: "said", ...at(offset), atMs: offset * 1_000 }));
}

/** A page that was asked for on a connection, once it was. 1 is the first. */
async function asked(visit: Visit, number = 1) {
  const find = () => framesOf(visit)[number - 1];
  await eventually(() => expect(find()).toBeDefined());
  const [name, id, call, input] = find() as unknown[];
  expect([name, call]).toEqual(["$call", "$history"]);
  return {
    input,
    /** With the place where the next page begins, where there may be one. */
    answer(...offsets: number[]) {
      const { limit } = input as { limit: number };
      const next = offsets.length === limit ? offsets[0] : undefined;
      send(visit, ["$reply", id, { events: past(offsets), next }]);
    },
    /** With fewer than were asked for, though there are more. */
    answerInPart(next: number, ...offsets: number[]) {
      send(visit, ["$reply", id, { events: past(offsets), next }]);
    },
    refuse: (code: string) => send(visit, ["$fail", id, { code, message: code }]),
  };
}
