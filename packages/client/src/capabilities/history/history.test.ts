import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../../test/eventually";
import { framesOf, send, type Visit } from "../../../test/room-server";
import { failureOf, Rooms } from "../../../test/rooms";
import { history } from "./history";

describe("the past of a room", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("is read by a call", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said", { before: 9, limit: 2 });
    const page = await asked(visit);
    expect(page.input).toEqual({ event: "said", before: 9, limit: 2 });
    page.answer([8]);
    expect(await past).toEqual([pastEvent(8)]);
    expect(framesOf(visit)).toHaveLength(1);
  });

  it("is 50 events, where nothing is said", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said");
    const page = await asked(visit);
    expect(page.input).toEqual({ event: "said", limit: 50 });
    page.answer([]);
    expect(await past).toEqual([]);
  });

  it("is asked for until there are as many as are to be read, in their order", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said", { limit: 5 });
    (await asked(visit)).answer([30, 31], 30);
    const second = await asked(visit, 2);
    expect(second.input).toEqual({ event: "said", before: 30, limit: 3 });
    // A room that has read 1,000 rows, and found none for this client.
    second.answer([], 20);
    const third = await asked(visit, 3);
    expect(third.input).toEqual({ event: "said", before: 20, limit: 3 });
    third.answer([3, 4, 9], 3);
    expect((await past).map(({ offset }) => offset)).toEqual([3, 4, 9, 30, 31]);
    expect(framesOf(visit)).toHaveLength(3);
  });

  it("ends where the room keeps no more", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said", { limit: 5 });
    (await asked(visit)).answer([30, 31], 30);
    (await asked(visit, 2)).answer([29]);
    expect((await past).map(({ offset }) => offset)).toEqual([29, 30, 31]);
  });

  it("is none where a later page is refused, or lost", async () => {
    const { room, visit } = await rooms.open();
    const refused = failureOf(history(room).read("said"));
    (await asked(visit)).answer([30], 30);
    (await asked(visit, 2)).refuse("rate_limited");
    expect(await refused).toMatchObject({ code: "rate_limited" });
    const lost = failureOf(history(room).read("said"));
    (await asked(visit, 3)).answer([30], 30);
    await asked(visit, 4);
    visit.socket.terminate();
    expect(await lost).toMatchObject({ code: "disconnected" });
  });

  it("is of one storage: it is asked for anew where that is wiped between two pages", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said", { limit: 2 });
    (await asked(visit)).answer([30], 30);
    const second = await asked(visit, 2);
    send(visit, ["$history", { epoch: "f", offset: 0, tag: "f0", recovered: false }]);
    // Offsets of the new storage lie before those of the old one, and are later all the same.
    second.answer([1]);
    const anew = await asked(visit, 3);
    expect(anew.input).toEqual({ event: "said", limit: 2 });
    anew.answer([1, 2], 1);
    expect((await past).map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it("is of one storage, too, where the wipe is told right behind the first page", async () => {
    const { room, visit } = await rooms.open();
    const past = history(room).read("said", { limit: 2 });
    await asked(visit);
    const page = { events: [pastEvent(30)], next: 30 };
    const wiped = { epoch: "f", offset: 0, tag: "f0", recovered: false };
    send(visit, ["$reply", 0, page], ["$history", wiped]);
    const anew = await asked(visit, 2);
    expect(anew.input).toEqual({ event: "said", limit: 2 });
    anew.answer([1]);
    expect((await past).map(({ offset }) => offset)).toEqual([1]);
  });
});

/** A durable event of the past, as a room answers with it. */
function pastEvent(offset: number) {
  return { event: "said", data: { text: String(offset) }, offset, atMs: offset * 1_000 };
}

/** A page that was asked for on a connection, once it was. 1 is the first. */
async function asked(visit: Visit, number = 1) {
  const find = () => framesOf(visit)[number - 1];
  await eventually(() => expect(find()).toBeDefined());
  const [name, id, call, input] = find() as unknown[];
  expect([name, call]).toEqual(["$call", "$history"]);
  return {
    input,
    answer: (offsets: number[], next?: number) =>
      send(visit, ["$reply", id, { events: offsets.map(pastEvent), next }]),
    refuse: (code: string) => send(visit, ["$fail", id, { code, message: code }]),
  };
}
