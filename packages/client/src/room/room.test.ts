import { PartyError } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { lacks } from "../../test/platform";
import { framesOf, sayHello, send } from "../../test/room-server";
import { failureOf, FOR_EVER, isOpen, Rooms, webSocketClasses } from "../../test/rooms";
import type { Dropped } from "./dropped";

describe.each(webSocketClasses)("a room, with $name", ({ WebSocket }) => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await rooms.stop();
  });

  const enter = () => rooms.enter({ WebSocket });
  const open = () => rooms.open({ WebSocket });

  it("offers to speak frames, with its key and its token", async () => {
    rooms.enter({ WebSocket, id: "ada", key: "abc", token: () => "secret" });
    const visit = await rooms.visit();
    expect(visit.protocols[0]).toBe("partyflare.1");
    expect(visit).toMatchObject({ key: "abc", token: "secret" });
    expect(visit.query.get("_pk")).toBe("ada");
  });

  it("knows who and where it is", () => {
    const { room } = rooms.enter({ WebSocket, id: "ada", room: "lobby" });
    expect(room).toMatchObject({ id: "ada", party: "chat", name: "lobby" });
  });

  it("is open only once the room has said hello", async () => {
    rooms.server.saysHello = false;
    const { room, statuses } = enter();
    expect(room.client).toBeUndefined();
    const visit = await rooms.visit();
    send(visit, ["said", { text: "early" }]);
    const heard = vi.fn();
    room.on("said", heard);
    await eventually(() => expect(heard).toHaveBeenCalled());
    expect(room.status).toEqual({ state: "connecting", attempt: 0 });
    sayHello(visit);
    await isOpen(room);
    expect(room.client).toBe(`id:${room.id}`);
    expect(statuses).toEqual([{ state: "open", id: room.id }]);
  });

  it("joins what is given to it within a window, and keeps the order of calls and text", async () => {
    const { room, visit } = await rooms.open({ WebSocket, batchMs: 1_000 });
    expect(room.emit("say", { text: "1" })).toBe("held");
    expect(room.sendText("2")).toBe("held");
    const failed = failureOf(room.call("count"));
    room.emit("wave");
    // What waits when the room is left goes, too.
    room.close();
    const joined = '["say",{"text":"1"}]\n["$text","2"]\n["$call",0,"count"]';
    await eventually(() => expect(visit.received).toEqual([joined, '["wave"]']));
    expect(await failed).toMatchObject({ code: "disconnected" });
  });

  it("sends events, and hands on those that come", async () => {
    const { room, visit } = await open();
    const said = vi.fn();
    room.on("said", said);
    expect(room.emit("say", { text: "hello\nthere" })).toBe("sent");
    expect(room.emit("wave")).toBe("sent");
    await eventually(() =>
      expect(framesOf(visit)).toEqual([["say", { text: "hello\nthere" }], ["wave"]]),
    );
    send(visit, ["said", { text: "hello" }]);
    await eventually(() => expect(said.mock.calls).toEqual([[{ text: "hello" }]]));
  });

  it("reads frames that come in one message, in their order", async () => {
    const { room, visit } = await open();
    const heard: unknown[] = [];
    room.on("said", ({ text }) => heard.push(text));
    room.on("waved", () => heard.push("waved"));
    send(visit, ["said", { text: "one" }], ["waved"], ["said", { text: "two" }]);
    await eventually(() => expect(heard).toEqual(["one", "waved", "two"]));
  });

  it("reads nothing more of a message once it was closed", async () => {
    const { room, visit } = await open();
    const heard = vi.fn(() => room.close());
    room.on("said", heard);
    send(visit, ["said", { text: "one" }], ["said", { text: "two" }]);
    await eventually(() => expect(visit.closeCode).toBe(1_000));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("takes a listener off", async () => {
    const { room, visit } = await open();
    const [stopped, once, other] = [vi.fn(), vi.fn(), vi.fn()];
    const stop = room.on("said", stopped);
    room.once("said", once);
    room.on("said", other);
    stop();
    stop();
    send(visit, ["said", { text: "one" }], ["said", { text: "two" }]);
    await eventually(() => expect(other).toHaveBeenCalledTimes(2));
    expect(once.mock.calls).toEqual([[{ text: "one" }]]);
    expect(stopped).not.toHaveBeenCalled();
  });

  it("calls the other listeners when one throws, and reports what it threw", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const { room, visit } = await open();
    const [failure, other] = [new Error("a listener's"), vi.fn()];
    room.on("said", () => {
      throw failure;
    });
    room.on("said", other);
    send(visit, ["said", { text: "one" }], ["said", { text: "two" }]);
    await eventually(() => expect(other).toHaveBeenCalledTimes(2));
    expect(reported.mock.calls).toEqual([[failure], [failure]]);
    expect(room.status.state).toBe("open");
  });

  it("keeps its listeners from connection to connection", async () => {
    const { room, visit } = await open();
    const said = vi.fn();
    room.on("said", said);
    visit.socket.terminate();
    send(await rooms.visit(2), ["said", { text: "again" }]);
    await eventually(() => expect(said).toHaveBeenCalledTimes(1));
  });

  it("exchanges raw text and bytes among frames", async () => {
    const { room, visit } = await open();
    const [text, bytes] = [vi.fn(), vi.fn()];
    room.onText(text);
    room.onBinary(bytes);
    send(visit, ["$text", '["said",1]\n']);
    visit.socket.send(new Uint8Array([1, 2]));
    await eventually(() => expect(bytes).toHaveBeenCalled());
    expect(text.mock.calls).toEqual([['["said",1]\n']]);
    expect(bytes.mock.calls).toEqual([[new Uint8Array([1, 2]).buffer]]);
    room.sendText("hi");
    room.sendBinary(new TextEncoder().encode("[]"));
    await eventually(() => expect(visit.received).toEqual(['["$text","hi"]', "[]"]));
  });

  it("tells of an event that the room could not take", async () => {
    const { room, visit } = await open();
    const failed = vi.fn();
    room.onError(failed);
    const issues = [{ path: ["text"], message: "is a string" }];
    send(visit, ["$error", { code: "invalid", message: "Not valid.", issues, event: "say" }]);
    await eventually(() => expect(failed).toHaveBeenCalled());
    const [error, event] = failed.mock.calls[0]!;
    expect(error).toBeInstanceOf(PartyError);
    expect(error).toMatchObject({ code: "invalid", message: "Not valid.", issues });
    expect(event).toBe("say");
  });

  it.each(["no JSON", "{}", "[1]", '["$hello"]', '["said",{"__proto__":1}]', '["$reply","x"]', ""])(
    "ignores the frame %j, says so, and lives on",
    async (text) => {
      const { room, visit } = await open();
      const [failed, said] = [vi.fn(), vi.fn()];
      room.onError(failed);
      room.on("said", said);
      visit.socket.send(`${text}\n["said",{"text":"next"}]`);
      await eventually(() => expect(said).toHaveBeenCalled());
      expect(failed).toHaveBeenCalledTimes(1);
      expect(failed.mock.calls[0]![0]).toMatchObject({ code: "bad_frame" });
    },
  );

  it("ignores a frame of the library's that it does not know", async () => {
    const { room, visit } = await open();
    const [failed, said] = [vi.fn(), vi.fn()];
    room.onError(failed);
    room.on("said", said);
    send(visit, ["$presence", {}], ["$pong"], ["said", { text: "next" }]);
    await eventually(() => expect(said).toHaveBeenCalled());
    expect(failed).not.toHaveBeenCalled();
  });

  it("hands on events whose names are those of every object", async () => {
    const { room, visit } = await open();
    const said = vi.fn();
    room.on("said", said);
    send(visit, ["constructor", 1], ["__proto__", 1], ["said", { text: "next" }]);
    await eventually(() => expect(said).toHaveBeenCalled());
  });

  it("gives its events to a loop, until the loop is left", async () => {
    const { room, visit } = await open();
    const events = room.events("said");
    send(visit, ["said", { text: "one" }], ["said", { text: "two" }], ["said", { text: "three" }]);
    const heard: string[] = [];
    for await (const { text } of events) {
      heard.push(text);
      if (text === "two") break;
    }
    expect(heard).toEqual(["one", "two"]);
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  it("ends a loop when it is closed, after what has come", async () => {
    const { room, visit } = await open();
    const events = room.events("said");
    room.once("said", () => room.close());
    send(visit, ["said", { text: "last" }], ["said", { text: "too late" }]);
    const heard: string[] = [];
    for await (const { text } of events) heard.push(text);
    expect(heard).toEqual(["last"]);
  });

  it("throws in a loop that falls too far behind, after what was kept", async () => {
    const { room, visit } = await open();
    const events = room.events("said", { maxBuffered: 2 });
    const last = vi.fn();
    room.on("waved", last);
    for (const text of ["one", "two", "three"]) send(visit, ["said", { text }]);
    send(visit, ["waved"]);
    await eventually(() => expect(last).toHaveBeenCalled());
    const heard: string[] = [];
    const loop = async () => {
      for await (const { text } of events) heard.push(text);
    };
    await expect(loop()).rejects.toMatchObject({ code: "too_slow" });
    expect(heard).toEqual(["one", "two"]);
  });
});

describe("a room's emit", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
  });
  afterEach(() => rooms.stop());

  it("holds events until the room says hello, and sends them in their order before anyone hears", async () => {
    rooms.server.saysHello = false;
    const { room } = rooms.enter();
    room.onStatus(({ state }) => state === "open" && room.emit("say", { text: "from listener" }));
    expect(room.emit("say", { text: "one" })).toBe("held");
    const visit = await rooms.visit();
    expect(room.emit("say", { text: "two" })).toBe("held");
    room.sendBinary(new TextEncoder().encode('"bytes"'));
    sayHello(visit);
    await isOpen(room);
    const frame = (text: string) => ["say", { text }];
    await eventually(() =>
      expect(framesOf(visit)).toEqual([
        frame("one"),
        frame("two"),
        "bytes",
        frame("from listener"),
      ]),
    );
  });

  it("holds them as they were when they were emitted", async () => {
    const { room } = rooms.enter();
    const data = { text: "before" };
    room.emit("say", data);
    data.text = "after";
    const visit = await rooms.visit();
    await eventually(() => expect(framesOf(visit)).toEqual([["say", { text: "before" }]]));
  });

  it("holds events between two connections, and sends each once", async () => {
    const { room, visit } = await rooms.open();
    const emitted: string[] = [];
    room.onStatus(({ state }) => {
      if (state === "waiting") emitted.push(room.emit("say", { text: "held" }));
    });
    visit.socket.terminate();
    const second = await rooms.visit(2);
    await isOpen(room);
    room.emit("say", { text: "last" });
    expect(emitted).toEqual(["held"]);
    await eventually(() => expect(framesOf(second).at(-1)).toEqual(["say", { text: "last" }]));
    expect(framesOf(second)).toEqual([
      ["say", { text: "held" }],
      ["say", { text: "last" }],
    ]);
  });

  it.skipIf(lacks("standard closing"))(
    "holds them from the moment that the connection begins to close",
    async () => {
      const sockets: WebSocket[] = [];
      class Watched extends WebSocket {
        constructor(url: string, protocols?: string[]) {
          super(url, protocols);
          sockets.push(this);
        }
      }
      const { room } = await rooms.open({ WebSocket: Watched });
      const statesAtItsEnd: string[] = [];
      sockets[0]!.addEventListener("close", () => statesAtItsEnd.push(room.status.state));
      sockets[0]!.close(4_503);
      expect(room.status.state).toBe("open");
      expect(room.emit("say", { text: "held" })).toBe("held");
      const second = await rooms.visit(2);
      await eventually(() => expect(framesOf(second)).toEqual([["say", { text: "held" }]]));
      expect(statesAtItsEnd).toEqual(["waiting"]);
    },
  );

  it("drops what is beyond 1,000 frames, the newest", async () => {
    const { room } = rooms.enter();
    const results = Array.from({ length: 1_001 }, (_, index) =>
      room.emit("say", { text: String(index) }),
    );
    expect(results.slice(0, 1_000)).toEqual(Array(1_000).fill("held"));
    expect(results.at(-1)).toBe("dropped");
    const visit = await rooms.visit();
    await eventually(() => expect(framesOf(visit)).toHaveLength(1_000));
    expect(framesOf(visit).at(-1)).toEqual(["say", { text: "999" }]);
    expect(room.emit("wave")).toBe("sent");
  });

  it("drops what is beyond 1 MiB", () => {
    const { room } = rooms.enter();
    const half = "é".repeat(2 ** 18);
    expect(room.emit("say", { text: half })).toBe("held");
    expect(room.emit("say", { text: half })).toBe("dropped");
    expect(room.emit("say", { text: "small" })).toBe("held");
  });

  it("holds as much as it is told to", () => {
    const { room } = rooms.enter({ queue: { maxMessages: 1, maxBytes: 10 } });
    expect(room.emit("say", { text: "long" })).toBe("dropped");
    expect(room.emit("wave")).toBe("held");
    expect(room.emit("wave")).toBe("dropped");
  });

  it("drops everything once the room is closed", async () => {
    const { room } = rooms.enter();
    expect(room.emit("wave")).toBe("held");
    room.close();
    expect(room.emit("wave")).toBe("dropped");
    expect(room.sendText("x")).toBe("dropped");
    room.reconnect();
    await isOpen(room);
    room.emit("say", { text: "first" });
    const visit = rooms.server.visits.at(-1)!;
    await eventually(() => expect(framesOf(visit)).toEqual([["say", { text: "first" }]]));
  });

  it("tells what it dropped, with what was in it and why, in order", async () => {
    const { room } = rooms.enter({ queue: { maxMessages: 2 } });
    const dropped: Dropped[] = [];
    room.onDrop((what) => dropped.push(what));
    const data = { text: "one" };
    room.emit("say", data);
    room.emit("wave");
    data.text = "changed since";
    const call = failureOf(room.call("rename", { name: "Ada" }));
    expect(dropped).toEqual([
      { kind: "call", call: "rename", input: { name: "Ada" }, reason: "full" },
    ]);
    expect(await call).toMatchObject({ code: "disconnected" });
    room.close();
    room.sendText("too late");
    expect(dropped.slice(1)).toEqual([
      { kind: "event", event: "say", data: { text: "one" }, reason: "closed" },
      { kind: "event", event: "wave", data: undefined, reason: "closed" },
      { kind: "text", text: "too late", reason: "closed" },
    ]);
  });

  it("drops the oldest instead where that is asked for, and fails the call that it was", async () => {
    const { room } = rooms.enter({ queue: { maxMessages: 2, overflow: "oldest" } });
    const dropped: Dropped[] = [];
    room.onDrop((what) => dropped.push(what));
    const call = failureOf(room.call("count"));
    expect(room.emit("say", { text: "one" })).toBe("held");
    expect(room.emit("say", { text: "two" })).toBe("held");
    expect(await call).toMatchObject({ code: "disconnected" });
    expect(dropped).toEqual([{ kind: "call", call: "count", input: undefined, reason: "full" }]);
    const visit = await rooms.visit();
    await eventually(() => expect(framesOf(visit)).toHaveLength(2));
    expect(framesOf(visit)).toEqual([
      ["say", { text: "one" }],
      ["say", { text: "two" }],
    ]);
  });

  it("tells of nothing dropped when a call that was held is given up by its caller", async () => {
    const { room } = rooms.enter(FOR_EVER);
    const dropped = vi.fn();
    room.onDrop(dropped);
    const controller = new AbortController();
    const call = failureOf(room.call("count", undefined, { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ code: "aborted" });
    room.close();
    expect(dropped).not.toHaveBeenCalled();
  });

  it("throws for what JSON cannot hold", () => {
    const { room } = rooms.enter();
    expect(() => room.emit("say", 1n as unknown as { text: string })).toThrow(TypeError);
  });
});
