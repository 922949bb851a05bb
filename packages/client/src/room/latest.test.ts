import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { send } from "../../test/room-server";
import { Rooms } from "../../test/rooms";

describe("what a room remembers of its events", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("is the latest of each name, which nobody needs to have listened to", async () => {
    const { room, visit } = await rooms.open();
    expect(room.latest("said")).toBeUndefined();
    send(visit, ["said", { text: "one" }], ["waved"], ["said", { text: "two" }]);
    await eventually(() => expect(room.latest("said")).toEqual({ text: "two" }));
    expect(room.latest("said")).toBe(room.latest("said"));
  });

  it("is there for a listener that is called with it", async () => {
    const { room, visit } = await rooms.open();
    const heard = vi.fn(() => room.latest("said"));
    room.on("said", heard);
    send(visit, ["said", { text: "one" }]);
    await eventually(() => expect(heard).toHaveReturnedWith({ text: "one" }));
  });

  it("is no name that an object has of its own", async () => {
    const { room } = await rooms.open();
    expect(room.latest("toString" as "said")).toBeUndefined();
  });
});

describe("the calls of a room that are not answered", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("are counted from when they are made until they settle", async () => {
    const { room } = rooms.enter();
    expect(room.unanswered).toBe(0);
    const calls = [room.call("count"), room.call("count")];
    expect(room.unanswered).toBe(2);
    room.close();
    await Promise.allSettled(calls);
    expect(room.unanswered).toBe(0);
  });
});
