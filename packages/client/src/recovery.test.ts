import { fingerprintOf } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../test/eventually";
import { framesOf, sayHello, send } from "../test/room-server";
import { failureOf, isOpen, Rooms } from "../test/rooms";

const ONCE = { calls: ["count"], since: "e.0", latest: 0 };

describe("a room with durable events", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { history: { epoch: "e", offset: 0 } };
  });
  afterEach(() => rooms.stop());

  it("says where it has come to when it comes back, and hands on each event once", async () => {
    const { room, visit } = await rooms.open();
    const heard: unknown[] = [];
    room.on("said", (data, offset) => heard.push([data, offset]));
    room.onRecovery((recovery) => heard.push(recovery));
    expect(visit.query.get("_at")).toBeNull();
    send(visit, ["said", "1", 1], ["said", "2", 2], ["said", "passing"]);
    await eventually(() => expect(heard).toHaveLength(3));
    rooms.server.hello = { history: { epoch: "e", offset: 2, recovered: true } };
    visit.socket.terminate();
    const back = await rooms.visit(2);
    expect(back.query.get("_at")).toBe(`e.2.${fingerprintOf('["said","2",2]')}`);
    send(back, ["said", "2", 2], ["said", "3", 3]);
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
      send(visit, ["said", "5", 5]);
      await eventually(() => expect(heard).toEqual(["5"]));
      const history = { epoch: "f", offset: 0, recovered: false };
      if (when === "in the middle") {
        send(visit, ["$resume", history], ["said", "1", 1]);
      } else {
        rooms.server.hello = { history };
        visit.socket.terminate();
        send(await rooms.visit(2), ["said", "1", 1]);
      }
      await eventually(() => expect(heard).toEqual(["5", false, "1"]));
    },
  );

  it("reads the past by a call", async () => {
    const { room, visit } = await rooms.open();
    const past = room.history("said", { before: 9, limit: 2 });
    await eventually(() =>
      expect(framesOf(visit)).toEqual([
        ["$call", 0, "$history", { event: "said", before: 9, limit: 2 }],
      ]),
    );
    send(visit, ["$reply", 0, [{ event: "said", data: { text: "a" }, offset: 8, atMs: 1 }]]);
    expect(await past).toMatchObject([{ data: { text: "a" }, offset: 8 }]);
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
      expect(framesOf(back)).toEqual([["$call", 1, "count", null, [2, "e.0"]]]),
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
    await eventually(() => expect(visit.received).toHaveLength(2));
    expect(framesOf(visit)).toEqual([
      ["$call", 0, "count", null, [1, "e.0"]],
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
