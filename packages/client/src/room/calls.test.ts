import { PartyError } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../test/eventually";
import { framesOf, sayHello, send, type Visit } from "../../test/room-server";
import { failureOf, FOR_EVER, Rooms } from "../../test/rooms";

describe("a call", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  const received = (visit: Visit, count: number) =>
    eventually(() => expect(framesOf(visit)).toHaveLength(count));

  it("is answered, whatever the order of the answers", async () => {
    const { room, visit } = await rooms.open();
    const first = room.call("rename", { name: "Ada" });
    const second = room.call("count");
    await received(visit, 2);
    expect(framesOf(visit)).toEqual([
      ["$call", 0, "rename", { name: "Ada" }],
      ["$call", 1, "count"],
    ]);
    send(visit, ["$reply", 1, 2], ["$reply", 0, { name: "Ada" }]);
    expect(await second).toBe(2);
    expect(await first).toEqual({ name: "Ada" });
  });

  it("is refused with the room's code, message, data and wait", async () => {
    const { room, visit } = await rooms.open();
    const call = room.call("rename", { name: "Ada" });
    await received(visit, 1);
    const refusal = {
      code: "name_taken",
      message: "Taken.",
      data: { suggestion: "Eve" },
      retryAfterMs: 5,
    };
    send(visit, ["$fail", 0, refusal]);
    const error = await call.catch((reason) => reason);
    expect(error).toBeInstanceOf(PartyError);
    expect(error).toMatchObject(refusal);
  });

  it("times out, and a late answer is ignored", async () => {
    const { room, visit } = await rooms.open();
    await expect(room.call("count", undefined, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "timeout",
    });
    send(visit, ["$reply", 0, 1], ["$fail", 0, { code: "internal", message: "" }]);
    const next = room.call("count");
    await received(visit, 2);
    expect(framesOf(visit).at(-1)).toEqual(["$call", 1, "count"]);
    send(visit, ["$reply", 1, 2]);
    expect(await next).toBe(2);
  });

  it("is aborted by a signal", async () => {
    const { room, visit } = await rooms.open();
    const controller = new AbortController();
    const call = failureOf(room.call("count", undefined, { signal: controller.signal }));
    await received(visit, 1);
    controller.abort("enough");
    expect(await call).toMatchObject({ code: "aborted", cause: "enough" });
  });

  it("is not sent when its signal is aborted already", async () => {
    const { room, visit } = await rooms.open();
    const call = room.call("count", undefined, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: "aborted" });
    room.emit("wave");
    await received(visit, 1);
    expect(framesOf(visit)).toEqual([["wave"]]);
  });

  it("is held until the room is open, in order with events", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter();
    room.emit("wave");
    const call = room.call("count");
    room.emit("wave");
    const visit = await rooms.visit();
    sayHello(visit);
    await received(visit, 3);
    expect(framesOf(visit)).toEqual([["wave"], ["$call", 0, "count"], ["wave"]]);
    send(visit, ["$reply", 0, 3]);
    expect(await call).toBe(3);
  });

  it("is never sent once its wait ended while it was held", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter({ queue: { maxMessages: 2 } });
    const controller = new AbortController();
    const late = failureOf(room.call("count", undefined, { timeoutMs: 1 }));
    const aborted = failureOf(room.call("count", undefined, { signal: controller.signal }));
    controller.abort();
    expect(await late).toMatchObject({ code: "timeout" });
    expect(await aborted).toMatchObject({ code: "aborted" });
    expect(room.emit("wave")).toBe("held");
    const visit = await rooms.visit();
    sayHello(visit);
    await received(visit, 1);
    expect(framesOf(visit)).toEqual([["wave"]]);
  });

  it("is rejected when the connection drops, unless it was only held", async () => {
    const { room, visit } = await rooms.open({ backoff: { initialMs: 100 } });
    const lost = failureOf(room.call("count"));
    await received(visit, 1);
    visit.socket.terminate();
    expect(await lost).toMatchObject({ code: "disconnected" });
    expect(room.status.state).not.toBe("open");
    const held = room.call("count");
    const second = await rooms.visit(2);
    await received(second, 1);
    expect(framesOf(second)).toEqual([["$call", 1, "count"]]);
    send(second, ["$reply", 0, 0], ["$reply", 1, 1]);
    expect(await held).toBe(1);
  });

  it("is rejected when the room is closed, sent or held", async () => {
    const { room, visit } = await rooms.open(FOR_EVER);
    const sent = failureOf(room.call("count"));
    await received(visit, 1);
    room.close();
    expect(await sent).toMatchObject({ code: "disconnected" });
    await expect(room.call("count")).rejects.toMatchObject({ code: "disconnected" });
    const other = rooms.enter({ ...FOR_EVER });
    const held = failureOf(other.room.call("count"));
    other.room.close();
    expect(await held).toMatchObject({ code: "disconnected" });
  });

  it("is rejected where no more can be held", async () => {
    const { room } = rooms.enter({ queue: { maxMessages: 0 } });
    await expect(room.call("count")).rejects.toMatchObject({ code: "disconnected" });
  });

  it("is rejected where 5,000 wait for their answers", async () => {
    const { room } = await rooms.open();
    const calls = Array.from({ length: 5_000 }, () => failureOf(room.call("count")));
    await expect(room.call("count")).rejects.toMatchObject({ code: "rate_limited" });
    room.close();
    expect(await Promise.all(calls)).toHaveLength(5_000);
  });

  it("is rejected with what JSON cannot hold", async () => {
    const { room } = await rooms.open();
    const call = room.call("rename", { name: 1n as unknown as string });
    await expect(call).rejects.toMatchObject({ code: "invalid" });
  });
});
