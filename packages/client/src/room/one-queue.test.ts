import { PartyError } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { framesOf, sayHello, send } from "../../test/room-server";
import { failureOf, FOR_EVER, isOpen, Rooms } from "../../test/rooms";

const ONCE = { calls: ["rename"], since: "e.0" };

describe("one queue for one order", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { once: ONCE };
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rooms.stop();
  });

  /** A room that was open, and is without a connection until a test says so. */
  async function offline(options: Parameters<Rooms["enter"]>[0] = {}) {
    const opened = await rooms.open(options);
    rooms.server.mode = "cut";
    opened.visit.socket.terminate();
    await eventually(() => expect(opened.room.status.state).not.toBe("open"));
    return {
      ...opened,
      async back() {
        rooms.server.mode = "accept";
        return rooms.visit(2);
      },
    };
  }

  it("sends one of everything in the order in which it was made offline", async () => {
    const { room, back } = await offline();
    const made = [failureOf(room.call("rename", { name: "create" }))];
    room.emit("say", { text: "edit" });
    made.push(failureOf(room.call("count")));
    room.sendText("text");
    room.sendBinary(new TextEncoder().encode('"bytes"'));
    made.push(failureOf(room.call("rename", { name: "again" })));
    room.emit("wave");
    const visit = await back();
    await eventually(() => expect(namesOf(visit)).toHaveLength(7));
    expect(namesOf(visit)).toEqual(["rename", "say", "count", "$text", "bytes", "rename", "wave"]);
    room.close();
    await Promise.all(made);
  });

  it("sends a call that is sent again before all that was made after it", async () => {
    const { room, visit } = await rooms.open();
    const first = failureOf(room.call("rename", { name: "sent" }));
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    rooms.server.mode = "cut";
    visit.socket.terminate();
    await eventually(() => expect(room.status.state).toBe("waiting"));
    room.emit("wave");
    const second = failureOf(room.call("rename", { name: "made offline" }));
    rooms.server.mode = "accept";
    const again = await rooms.visit(2);
    await eventually(() => expect(namesOf(again)).toEqual(["rename", "wave", "rename"]));
    room.close();
    await Promise.all([first, second]);
  });

  it("drops no event for calls that are kept", async () => {
    const { room, visit } = await rooms.open({ queue: { maxMessages: 3, overflow: "oldest" } });
    const kept = [1, 2, 3].map((name) => failureOf(room.call("rename", { name: String(name) })));
    await eventually(() => expect(framesOf(visit)).toHaveLength(3));
    const dropped = vi.fn();
    room.onDrop(dropped);
    rooms.server.mode = "cut";
    visit.socket.terminate();
    await eventually(() => expect(room.status.state).toBe("waiting"));
    for (const text of ["1", "2", "3"]) expect(room.emit("say", { text })).toBe("held");
    kept.push(failureOf(room.call("rename", { name: "4" })));
    rooms.server.mode = "accept";
    const again = await rooms.visit(2);
    await eventually(() => expect(framesOf(again)).toHaveLength(7));
    expect(dropped).not.toHaveBeenCalled();
    room.close();
    await Promise.all(kept);
  });

  it("leaves in few messages, of 1,024 frames and 64 KiB at most", async () => {
    const { room, back } = await offline();
    for (let number = 0; number < 1_000; number += 1) room.emit("say", { text: String(number) });
    const visit = await back();
    await eventually(() => expect(framesOf(visit)).toHaveLength(1_000));
    expect(visit.received).toHaveLength(1);
    expect(framesOf(visit).at(-1)).toEqual(["say", { text: "999" }]);
    expect(Math.max(...visit.received.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
  });

  it("does not take what is volatile while there is no connection, and tells only its caller", async () => {
    const { room, back } = await offline();
    const dropped = vi.fn();
    room.onDrop(dropped);
    expect(room.emit("say", { text: "stale" }, { volatile: true })).toBe("dropped");
    expect(room.emit("say", { text: "fresh" })).toBe("held");
    const visit = await back();
    await eventually(() => expect(framesOf(visit)).toEqual([["say", { text: "fresh" }]]));
    expect(room.emit("say", { text: "now" }, { volatile: true })).toBe("sent");
    expect(dropped).not.toHaveBeenCalled();
  });

  it("forgets what is volatile when the connection is lost in its window", async () => {
    const { room, visit } = await rooms.open({ batchMs: 1_000, ...FOR_EVER });
    expect(room.emit("say", { text: "stale" }, { volatile: true })).toBe("held");
    expect(room.emit("say", { text: "kept" })).toBe("held");
    visit.socket.terminate();
    await eventually(() => expect(room.status.state).toBe("waiting"));
    room.reconnect();
    const back = await rooms.visit(2);
    await eventually(() => expect(framesOf(back)).toEqual([["say", { text: "kept" }]]));
  });
});

describe("everything ends", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { once: ONCE };
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rooms.stop();
  });

  it("a call that happens once, on a closed room", async () => {
    const { room } = await rooms.open();
    room.close();
    const call = room.call("rename", { name: "Ada" });
    await expect(call).rejects.toMatchObject({ code: "disconnected" });
  });

  it("a call that happens once, when its room lists it no longer", async () => {
    const { room, visit } = await rooms.open();
    const sent = failureOf(room.call("rename", { name: "sent" }));
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    rooms.server.saysHello = false;
    visit.socket.terminate();
    const back = await rooms.visit(2);
    const waiting = failureOf(room.call("rename", { name: "waiting" }));
    sayHello(back, {});
    expect(await sent).toMatchObject({ code: "unknown_outcome" });
    expect(await waiting).toMatchObject({ code: "unknown_call" });
    room.emit("wave");
    await eventually(() => expect(framesOf(back)).toEqual([["wave"]]));
  });

  it("a loop over the events of a closed room", async () => {
    const { room } = await rooms.open();
    room.close();
    expect(await room.events("said").next()).toEqual({ value: undefined, done: true });
    room.reconnect();
    await isOpen(room);
    const events = room.events("said");
    send(await rooms.visit(2), ["said", { text: "hello" }]);
    expect(await events.next()).toEqual({ value: { text: "hello" }, done: false });
  });

  it("a call that times out, naming why there was no connection", async () => {
    rooms.server.mode = "cut";
    const { room } = rooms.enter(FOR_EVER);
    await eventually(() => expect(room.status.state).toBe("waiting"));
    const { status } = room;
    const failure = await failureOf(room.call("count", undefined, { timeoutMs: 5 }));
    expect(failure).toBeInstanceOf(PartyError);
    expect(failure).toMatchObject({ code: "timeout" });
    const { cause, message } = failure as PartyError;
    if (status.state !== "waiting") throw new Error(status.state);
    expect(cause).toBe(status.error);
    expect(message).toContain(status.error.message);
  });

  it("and a call that times out on an open connection names none", async () => {
    const { room, visit } = await rooms.open();
    visit.socket.terminate();
    await rooms.visit(2);
    await isOpen(room);
    const failure = await failureOf(room.call("count", undefined, { timeoutMs: 5 }));
    expect(failure).toMatchObject({ code: "timeout" });
    expect((failure as PartyError).cause).toBeUndefined();
  });
});

describe("an error that nobody listens to", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rooms.stop();
  });

  it("is a warning in development, once for each event", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { room, visit } = await rooms.open();
    const refusal = (event: string) => ["$error", { code: "invalid", message: "No text.", event }];
    send(visit, refusal("say"), refusal("say"), refusal("wave"));
    await eventually(() => expect(warn).toHaveBeenCalledTimes(2));
    const texts = warn.mock.calls.map(([text]) => String(text));
    expect(texts[0]).toContain("say");
    expect(texts[0]).toContain("No text.");
    expect(texts[0]).toContain("onError");
    expect(texts[0]).toMatch(/https:.*\/errors\/invalid$/);
    expect(texts[1]).toContain("wave");
    const heard = vi.fn();
    room.onError(heard);
    send(visit, refusal("dismiss"));
    await eventually(() => expect(heard).toHaveBeenCalled());
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

/** What a room was sent, by the names of events and calls; bytes by their text. */
function namesOf(visit: Parameters<typeof framesOf>[0]): unknown[] {
  return framesOf(visit).map((frame) => {
    if (!Array.isArray(frame)) return frame;
    return frame[0] === "$call" ? frame[2] : frame[0];
  });
}
