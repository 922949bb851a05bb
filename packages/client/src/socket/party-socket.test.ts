import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { eventually } from "../../test/eventually";
import { RoomServer } from "../../test/room-server";
import { webSocketClasses } from "../../test/rooms";
import type { PartyCloseEvent } from "../connection/close-event";
import type { PartyErrorEvent } from "./socket-events";
import type { PartySocketOptions } from "../connection/options";
import { PartySocket } from "./party-socket";

describe.each(webSocketClasses)("a PartySocket with $name", ({ WebSocket }) => {
  let server: RoomServer;
  let sockets: PartySocket[];

  beforeEach(async () => {
    server = await RoomServer.start();
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.close();
    await server.stop();
  });

  function open(options: Partial<PartySocketOptions> = {}): PartySocket {
    const socket = new PartySocket({
      host: server.host,
      party: "chat",
      room: randomUUID(),
      WebSocket,
      ...options,
    });
    sockets.push(socket);
    return socket;
  }

  /** The server's side of the first connection, once it is there. */
  async function firstVisit() {
    await eventually(() => expect(server.visits).toHaveLength(1));
    return server.visits[0]!;
  }

  it("reaches its room, and says who it is in the URL", async () => {
    const socket = open({ room: "a/b?c#d é", id: "ada", path: "x", query: { a: 1, _pk: "eve" } });
    const visit = await firstVisit();
    expect(visit.path).toBe("/parties/chat/a%2Fb%3Fc%23d%20%C3%A9/x");
    expect(Object.fromEntries(visit.query)).toEqual({ a: "1", _pk: "ada" });
    expect(socket).toMatchObject({ id: "ada", party: "chat", room: "a/b?c#d é" });
    expect(socket.host).toBe(server.host);
    expect(socket.roomUrl).toBe(`ws://${server.host}/parties/chat/a%2Fb%3Fc%23d%20%C3%A9/x`);
  });

  it("carries its key and its token out of the URL", async () => {
    const socket = open({ key: "xyz", token: async () => "grüße", protocols: ["mine"] });
    const visit = await firstVisit();
    expect(visit).toMatchObject({ key: "xyz", token: "grüße" });
    expect(visit.protocols[0]).toBe("partyflare.raw");
    expect(visit.protocols.at(-1)).toBe("mine");
    await eventually(() => expect(socket.protocol).toBe("partyflare.raw"));
    expect(socket.url).not.toMatch(/xyz|token/);
  });

  it("has a random id and key where none is given", async () => {
    const ids = [open().id, open().id];
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(new Set(server.visits.map(({ query }) => query.get("_pk")))).toEqual(new Set(ids));
    expect(new Set(server.visits.map(({ key }) => key)).size).toBe(2);
    expect(new Set(ids).size).toBe(2);
  });

  it("holds what is sent before it is open, and keeps its order", async () => {
    const socket = open();
    expect(socket.send("one")).toBe(false);
    socket.send(new TextEncoder().encode("two"));
    const visit = await firstVisit();
    await eventually(() => expect(socket.readyState).toBe(PartySocket.OPEN));
    expect(socket.send("three")).toBe(true);
    await eventually(() => expect(visit.received).toEqual(["one", "two", "three"]));
  });

  it.each([
    [{ queue: { maxMessages: 2 } }, ["three"], ["one", "two"]],
    [{ maxEnqueuedMessages: 2 }, ["three"], ["one", "two"]],
    [{ maxEnqueuedMessages: 9, queue: { maxMessages: 2 } }, ["three"], ["one", "two"]],
    [{ queue: { maxBytes: 6 } }, ["three"], ["one", "two"]],
    [{ queue: { maxMessages: 2, overflow: "oldest" as const } }, ["one"], ["two", "three"]],
  ])("with %j tells what it dropped, and sends the rest", async (options, dropped, kept) => {
    const socket = open(options);
    const told: unknown[] = [];
    socket.addEventListener("drop", ({ message }) => told.push(message));
    for (const text of ["one", "two", "three"]) expect(socket.send(text)).toBe(false);
    expect(told).toEqual(dropped);
    const visit = await firstVisit();
    await eventually(() => expect(visit.received).toEqual(kept));
  });

  it("holds 1,000 messages and 1 MiB by default", () => {
    const dropped = vi.fn();
    const many = open();
    many.addEventListener("drop", dropped);
    for (let count = 0; count < 1_000; count++) many.send("");
    expect(dropped).not.toHaveBeenCalled();
    many.send("");
    expect(dropped).toHaveBeenCalledTimes(1);
    const large = open();
    large.addEventListener("drop", dropped);
    large.send(new Blob([new Uint8Array(2 ** 20)]));
    expect(large.bufferedAmount).toBe(2 ** 20);
    large.send("x");
    expect(dropped).toHaveBeenCalledTimes(2);
  });

  it("keeps what it holds when it is closed, to be taken back or sent after a reconnect", async () => {
    const socket = open();
    socket.send("one");
    socket.close();
    expect(socket.drainQueuedMessages()).toEqual(["one"]);
    socket.send("two");
    socket.reconnect();
    const visit = await firstVisit();
    await eventually(() => expect(visit.received).toEqual(["two"]));
    expect(socket.drainQueuedMessages()).toEqual([]);
  });

  it("hands on text as text, and bytes as asked", async () => {
    const socket = open();
    socket.binaryType = "arraybuffer";
    const received: unknown[] = [];
    socket.addEventListener("message", ({ data }) => received.push(data));
    const visit = await firstVisit();
    visit.socket.send("text");
    visit.socket.send(new Uint8Array([1, 2]));
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[0]).toBe("text");
    expect(received[1]).toEqual(new Uint8Array([1, 2]).buffer);
  });

  it("calls the handlers in its properties too", async () => {
    const calls: string[] = [];
    const socket = open();
    const handlers: Pick<PartySocket, "onopen" | "onmessage" | "onclose"> = {
      onopen: () => calls.push("open"),
      onmessage: ({ data }) => calls.push(`message ${data as string}`),
      onclose: ({ code, reason }) => calls.push(`close ${code} ${reason}`),
    };
    Object.assign(socket, handlers);
    const visit = await firstVisit();
    visit.socket.send("hello");
    await eventually(() => expect(calls).toContain("message hello"));
    socket.close(4_000, "bye");
    expect(calls).toEqual(["open", "message hello", "close 4000 bye"]);
  });

  it("tells its listeners the code and reason that the room closed with", async () => {
    const closes: PartyCloseEvent[] = [];
    const socket = open();
    socket.addEventListener("close", (event) => closes.push(event));
    (await firstVisit()).socket.close(4_401, "who are you?");
    await eventually(() => expect(closes).toHaveLength(1));
    expect(closes[0]).toMatchObject({ code: 4_401, reason: "who are you?", wasClean: true });
  });

  it("closes the connection with the code and reason it is given", async () => {
    const socket = open();
    const visit = await firstVisit();
    await eventually(() => expect(socket.readyState).toBe(PartySocket.OPEN));
    socket.close(4_000, "bye");
    expect(socket.readyState).toBe(PartySocket.CLOSED);
    await eventually(() => expect(visit.closeCode).toBe(4_000));
  });

  it.each([1_001, 1_005, 2_999, 5_000, 1_000.5])("does not close with code %d", async (code) => {
    const socket = open();
    await eventually(() => expect(socket.readyState).toBe(PartySocket.OPEN));
    expect(() => socket.close(code)).toThrow(RangeError);
    expect(() => socket.reconnect(code)).toThrow(RangeError);
    expect(socket.readyState).toBe(PartySocket.OPEN);
  });

  it("does not close with a reason of over 123 bytes", () => {
    expect(() => open().close(1_000, "é".repeat(62))).toThrow("123 bytes");
  });

  it("logs neither its key nor its token", async () => {
    const log = vi.spyOn(console, "log");
    open({ key: "KEY", token: "secret" });
    await firstVisit();
    expect(JSON.stringify(log.mock.calls)).not.toMatch(/KEY|secret|c2VjcmV0/);
    log.mockRestore();
  });

  it("does not connect before it is told to when it starts closed", async () => {
    const socket = open({ startClosed: true });
    expect(socket.readyState).toBe(PartySocket.CLOSED);
    socket.send("held");
    socket.reconnect();
    expect(socket.readyState).toBe(PartySocket.CONNECTING);
    const visit = await firstVisit();
    await eventually(() => expect(visit.received).toEqual(["held"]));
  });
});

describe("a PartySocket", () => {
  const room = { party: "chat", room: "lobby" };

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is refused without a host where there is no page, a party or a room", () => {
    vi.stubGlobal("location", undefined);
    expect(() => new PartySocket(room)).toThrow("option `host`");
    expect(() => new PartySocket({ ...room, host: "localhost", party: "" })).toThrow("party");
    expect(() => new PartySocket({ ...room, host: "localhost", room: "" })).toThrow("room");
  });

  it("is refused where there is no WebSocket class, and says what to do", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new PartySocket({ ...room, host: "localhost" })).toThrow("pass the class of `ws`");
  });

  it("that starts closed can be made on a server, for rendering, without any of that", () => {
    vi.stubGlobal("location", undefined);
    vi.stubGlobal("WebSocket", undefined);
    const socket = new PartySocket({ ...room, startClosed: true });
    expect(socket.host).toBe("");
    expect(() => socket.roomUrl).toThrow("option `host`");
    expect(() => socket.reconnect()).toThrow("option `host`");
  });

  it("that starts closed is checked when it is told to connect", () => {
    const socket = new PartySocket({
      host: "",
      party: "chat",
      room: "",
      id: "é",
      startClosed: true,
    });
    expect(socket.readyState).toBe(PartySocket.CLOSED);
    expect(() => socket.reconnect()).toThrow("option `id`");
    const nameless = new PartySocket({ ...room, host: "localhost", room: "", startClosed: true });
    expect(() => nameless.reconnect()).toThrow("room");
  });

  it("types what it takes and what it gives", () => {
    const socket = new PartySocket({ ...room, startClosed: true });
    expectTypeOf<Parameters<PartySocket["send"]>[0]>().toEqualTypeOf<
      string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob
    >();
    socket.addEventListener("message", (event) => {
      expectTypeOf(event.data).toEqualTypeOf<string | ArrayBuffer | Blob>();
    });
    socket.addEventListener("close", (event) => {
      expectTypeOf(event).toEqualTypeOf<PartyCloseEvent>();
    });
    socket.addEventListener("error", (event) => {
      expectTypeOf(event).toEqualTypeOf<PartyErrorEvent>();
    });
  });
});

describe("PartySocket.fetch", () => {
  it("sends a request to the room, without an id", async () => {
    const server = await RoomServer.start();
    const response = await PartySocket.fetch(
      { host: server.host, party: "chat", room: "a/b", path: "info", query: () => ({ q: "é" }) },
      { method: "POST" },
    );
    expect(await response.text()).toBe("POST /parties/chat/a%2Fb/info?q=%C3%A9");
    await server.stop();
  });

  it("takes another fetch", async () => {
    const other = vi.fn(async () => new Response("mine"));
    const options = { host: "example.com", party: "chat", room: "lobby", fetch: other };
    expect(await (await PartySocket.fetch(options)).text()).toBe("mine");
    expect(String(other.mock.calls[0]?.at(0))).toBe("https://example.com/parties/chat/lobby");
  });
});
