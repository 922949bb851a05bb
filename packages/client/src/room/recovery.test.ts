import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { operation, type SentOperation } from "../../test/operation";
import { framesOf, sayHello, send } from "../../test/room-server";
import { failureOf, isOpen, Rooms } from "../../test/rooms";

/** The query parameter with which a client says how far it has come. */
const POSITION = "partyflare.history";

const ONCE = { calls: ["count"], since: "e.0" };

describe("a room with durable events", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { history: { epoch: "e", offset: 0, tag: "start" } };
  });
  afterEach(() => rooms.stop());

  it("says where it has come to when it comes back, and hands on each event once", async () => {
    const { room, visit } = await rooms.open();
    const heard: unknown[] = [];
    room.on("said", (data, offset) => heard.push([data, offset]));
    room.onRecovery((recovery) => heard.push(recovery));
    expect(visit.query.get(POSITION)).toBe("");
    send(visit, ["said", "1", 1, "one"], ["said", "2", 2, "two"], ["said", "passing"]);
    await eventually(() => expect(heard).toHaveLength(3));
    rooms.server.hello = { history: { epoch: "e", offset: 2, tag: "two", recovered: true } };
    visit.socket.terminate();
    const back = await rooms.visit(2);
    expect(back.query.get(POSITION)).toBe("e.2.two");
    send(back, ["said", "2", 2, "two"], ["said", "3", 3, "three"]);
    await eventually(() => expect(heard).toHaveLength(5));
    expect(heard).toEqual([
      ["1", 1],
      ["2", 2],
      ["passing", undefined],
      { recovered: true },
      ["3", 3],
    ]);
  });

  it.each(["on its hello", "in the middle"])(
    "tells of a gap %s, before anything that is newer",
    async (when) => {
      const { room, visit } = await rooms.open();
      const heard: unknown[] = [];
      room.on("said", (data) => heard.push(data));
      room.onRecovery(({ recovered }) => heard.push(recovered));
      send(visit, ["said", "5", 5, "five"]);
      await eventually(() => expect(heard).toEqual(["5"]));
      const history = { epoch: "f", offset: 0, tag: "f0", recovered: false };
      if (when === "in the middle") {
        send(visit, ["$history", history], ["said", "1", 1, "anew"]);
      } else {
        rooms.server.hello = { history };
        visit.socket.terminate();
        send(await rooms.visit(2), ["said", "1", 1, "anew"]);
      }
      await eventually(() => expect(heard).toEqual(["5", false, "1"]));
    },
  );

  it("comes back from the place that the room has told of, where no event has come since", async () => {
    const { visit } = await rooms.open();
    send(visit, ["$history", { epoch: "f", offset: 7, tag: "seven", recovered: false }]);
    visit.socket.close(1_012);
    expect((await rooms.visit(2)).query.get(POSITION)).toBe("f.7.seven");
  });

  it("leaves the app's own `_at` alone", async () => {
    const { visit } = await rooms.open({ query: { _at: "home" } });
    expect(visit.query.get("_at")).toBe("home");
    send(visit, ["said", "1", 1, "one"]);
    visit.socket.close(1_012);
    const back = await rooms.visit(2);
    expect(back.query.get("_at")).toBe("home");
    expect(back.query.get(POSITION)).toBe("e.1.one");
  });
});

describe("a room with calls that happen once", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { once: ONCE };
  });
  afterEach(() => rooms.stop());

  it("sends them again after a lost connection, in order, and resolves them with their answers", async () => {
    const { room, visit } = await rooms.open();
    const [first, second] = [room.call("count"), room.call("count")];
    await eventually(() => expect(visit.received).toHaveLength(2));
    send(visit, ["$reply", 0, 10]);
    expect(await first).toBe(10);
    visit.socket.terminate();
    const back = await rooms.visit(2);
    await eventually(() =>
      expect(framesOf(back)).toEqual([["$call", 1, "count", null, operation(2, { repeat: true })]]),
    );
    send(back, ["$reply", 1, 20]);
    expect(await second).toBe(20);
  });

  it("keeps what was called before the first hello, and rejects other calls as ever", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter();
    const once = room.call("count");
    const other = failureOf(room.call("rename", { name: "Ada" }));
    const visit = await rooms.visit();
    sayHello(visit, { once: ONCE });
    await eventually(() => expect(framesOf(visit)).toHaveLength(2));
    expect(framesOf(visit)).toEqual([
      ["$call", 0, "count", null, operation(1)],
      ["$call", 1, "rename", { name: "Ada" }],
    ]);
    visit.socket.terminate();
    expect(await other).toMatchObject({ code: "disconnected" });
    const back = await rooms.visit(2);
    sayHello(back, { once: ONCE });
    await eventually(() => expect(back.received).toHaveLength(1));
    send(back, ["$reply", 0, 1]);
    expect(await once).toBe(1);
  });

  it("tells where nobody knows what came of one, and ends the wait where it is told to", async () => {
    const { room, visit } = await rooms.open();
    const unknown = failureOf(room.call("count"));
    const impatient = failureOf(room.call("count", undefined, { timeoutMs: 20 }));
    const controller = new AbortController();
    const aborted = failureOf(room.call("count", undefined, { signal: controller.signal }));
    controller.abort();
    await eventually(() => expect(visit.received).toHaveLength(3));
    send(visit, ["$fail", 0, { code: "unknown_outcome", message: "" }]);
    expect(await unknown).toMatchObject({ code: "unknown_outcome" });
    expect(await impatient).toMatchObject({ code: "timeout" });
    expect(await aborted).toMatchObject({ code: "aborted" });
  });

  it("says that one is repeated only if it was handed to a socket before", async () => {
    const { room, visit } = await rooms.open();
    const sent = failureOf(room.call("count"));
    await eventually(() => expect(visit.received).toHaveLength(1));
    rooms.server.saysHello = false;
    visit.socket.terminate();
    const back = await rooms.visit(2);
    const waiting = failureOf(room.call("count"));
    sayHello(back, { once: ONCE });
    await eventually(() =>
      expect(framesOf(back)).toEqual([
        ["$call", 0, "count", null, operation(1, { repeat: true })],
        ["$call", 1, "count", null, operation(2, { oldest: 1 })],
      ]),
    );
    room.close();
    await Promise.all([sent, waiting]);
  });

  it("keeps their order where a call has come to happen once while it was held", async () => {
    const { room, visit } = await rooms.open();
    const first = failureOf(room.call("count"));
    await eventually(() => expect(visit.received).toHaveLength(1));
    rooms.server.saysHello = false;
    visit.socket.terminate();
    const back = await rooms.visit(2);
    const second = failureOf(room.call("rename", { name: "Ada" }));
    const third = failureOf(room.call("count"));
    sayHello(back, { once: { ...ONCE, calls: ["count", "rename"] } });
    await eventually(() => expect(framesOf(back)).toHaveLength(3));
    const numbers = framesOf(back).map((frame) => operationIn(frame).number);
    expect(numbers).toEqual([1, 2, 3]);
    room.close();
    await Promise.all([first, second, third]);
  });

  it("counts those of two rooms of one client apart: each is a page of its own", async () => {
    const client = { id: "ada", key: "secret", room: "lobby" };
    const opened = [await rooms.open(client), await rooms.open(client)];
    const calls = opened.map(({ room }) => failureOf(room.call("count")));
    const pages: string[] = [];
    for (const { visit } of opened) {
      // oxlint-disable-next-line no-await-in-loop -- one room after the other
      await eventually(() => expect(visit.received).toHaveLength(1));
      expect(framesOf(visit)).toEqual([["$call", 0, "count", null, operation(1)]]);
      pages.push(...framesOf(visit).map((frame) => operationIn(frame).page));
    }
    expect(new Set(pages).size).toBe(2);
    for (const { room } of opened) room.close();
    await Promise.all(calls);
  });

  it("waits for them without an end of its own", async () => {
    const { room, visit } = await rooms.open();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const patient = room.call("count");
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    await eventually(() => expect(visit.received.length).toBeGreaterThan(0));
    send(visit, ["$reply", 0, 1]);
    expect(await patient).toBe(1);
  });

  it("rejects them when it is closed for good", async () => {
    const { room } = await rooms.open();
    const failed = failureOf(room.call("count"));
    room.close();
    expect(await failed).toMatchObject({ code: "disconnected" });
    room.reconnect();
    await isOpen(room);
    expect(framesOf(await rooms.visit(2))).toEqual([]);
  });
});

/** What a call that happens once carries beside its input. */
function operationIn(frame: unknown): SentOperation {
  const [, , , , sent] = frame as [string, number, string, unknown, SentOperation];
  return sent;
}
