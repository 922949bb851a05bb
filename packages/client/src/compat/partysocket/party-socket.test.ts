import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { RoomServer } from "../../../test/room-server";
import PartySocket, { PartySocket as Named, WebSocket as ReconnectingWebSocket } from "./index";
import type { PartySocketOptions } from "./options";

/** A socket that does not connect. */
const at = (options: Partial<PartySocketOptions> = {}) =>
  new PartySocket({ host: "example.com", room: "lobby", startClosed: true, ...options });

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the address of a compatible PartySocket", () => {
  it.each<[Partial<PartySocketOptions>, string]>([
    [{}, "wss://example.com/parties/main/lobby"],
    [{ party: "chat", path: "x/y" }, "wss://example.com/parties/chat/lobby/x/y"],
    [{ prefix: "rooms", party: "chat" }, "wss://example.com/rooms/chat/lobby"],
    [{ basePath: "a/b", prefix: "no" }, "wss://example.com/a/b"],
    [{ host: "http://example.com/" }, "wss://example.com/parties/main/lobby"],
    [{ protocol: "ws" }, "ws://example.com/parties/main/lobby"],
    [{ room: "café a b" }, "wss://example.com/parties/main/café a b"],
    [{ room: "caf%C3%A9" }, "wss://example.com/parties/main/caf%C3%A9"],
  ])("with %j is %s", (options, url) => {
    expect(at(options).roomUrl).toBe(url);
  });

  it.each([
    ["localhost:1999", "ws"],
    ["127.0.0.1:1999", "ws"],
    ["[::ffff:7f00:1]:1999", "ws"],
    ["192.168.1.1", "ws"],
    ["10.0.0.1:80", "ws"],
    ["10.0.0.1/behind/a/proxy", "ws"],
    ["172.16.0.1", "ws"],
    ["172.31.255.255", "ws"],
    ["172.32.0.1", "wss"],
    ["localhost", "wss"],
    ["8.8.8.8:1999", "wss"],
    // Not as partysocket, which sends it without encryption.
    ["10.example.com", "wss"],
  ])("is encrypted as partysocket does: %s by %s", (host, protocol) => {
    expect(at({ host }).roomUrl).toBe(`${protocol}://${host}/parties/main/lobby`);
  });

  it("is in its properties, under partysocket's names", () => {
    const socket = at({ host: "https://example.com/", party: "chat", path: "x", id: "ada" });
    expect(socket).toMatchObject({
      id: "ada",
      _pk: "ada",
      _pkurl: "wss://example.com/parties/chat/lobby/x",
      host: "example.com",
      name: "chat",
      path: "/x",
      room: "lobby",
      readyState: 3,
    });
    expect(Named).toBe(PartySocket);
    expect(socket).toBeInstanceOf(ReconnectingWebSocket);
  });

  it("has a random UUID, also where there is no crypto", () => {
    const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    expect(at().id).toMatch(uuid);
    vi.stubGlobal("crypto", undefined);
    const [one, two] = [at().id, at().id];
    expect(one).toMatch(uuid);
    expect(one).not.toBe(two);
  });

  it("takes an option that is empty, as of a storage without it, for its default", () => {
    const empty = { id: "", protocol: "", prefix: "", basePath: "", path: "" } as {};
    const socket = at(empty);
    expect(socket.id).toHaveLength(36);
    expect(socket.roomUrl).toBe("wss://example.com/parties/main/lobby");
    const { id } = socket;
    socket.updateProperties(empty);
    expect(socket.id).toBe(id);
    expect(at({ id: null, party: null, protocol: null } as {})).toMatchObject({
      id: expect.stringMatching(/^.{36}$/),
      roomUrl: "wss://example.com/parties/main/lobby",
    });
  });

  it("takes text that was cut within a character", async () => {
    const half = "😀".slice(0, 1);
    const own = vi.fn(async () => new Response());
    const options = { host: "example.com", room: half, query: { name: half }, fetch: own };
    await PartySocket.fetch(options);
    const replaced = encodeURIComponent("\ufffd");
    const url = `https://example.com/parties/main/${replaced}?name=${replaced}`;
    expect(own).toHaveBeenCalledWith(url, undefined);
  });

  it("is refused in a sentence", () => {
    const where = { host: "example.com", room: "lobby" };
    expect(() => new PartySocket({ ...where, path: "/x" })).toThrow(
      "The path must not start with a slash: /x",
    );
    expect(() => new PartySocket({ host: "example.com" })).toThrow("Pass `room` or `basePath`");
    const socket = at({ room: undefined });
    expect(() => socket.reconnect()).toThrow("The room (or basePath) must be set");
    socket.updateProperties({ host: "", room: "lobby" });
    expect(() => socket.reconnect()).toThrow("The host must be set");
  });

  it("warns of names with a slash, unless it is told not to", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    at({ party: "a/b", room: "c/d", disableNameValidation: true });
    expect(warn).not.toHaveBeenCalled();
    at({ party: "a/b", room: "c/d" });
    expect(warn.mock.calls.map(([text]) => String(text).slice(0, 20))).toEqual([
      'The party name "a/b"',
      'The room name "c/d" ',
    ]);
  });

  it("is typed as partysocket's", () => {
    const socket = at();
    socket.addEventListener("message", (event) =>
      expectTypeOf(event).toEqualTypeOf<MessageEvent>(),
    );
    expectTypeOf<(event: MessageEvent<string>) => void>().toExtend<typeof socket.onmessage>();
    socket.addEventListener("close", (event: globalThis.CloseEvent) => void event);
    expectTypeOf(socket.room).toEqualTypeOf<string | undefined>();
  });
});

describe("a compatible PartySocket", () => {
  let server: RoomServer;
  let socket: PartySocket;
  beforeEach(async () => {
    server = await RoomServer.start();
  });
  afterEach(async () => {
    socket.close();
    await server.stop();
  });

  it("carries its id and its query in the URL, and asks for them before every attempt", async () => {
    let count = 0;
    const query = async () => ({ count: String(count++), "a b": "é&", none: null });
    const { host } = server;
    socket = new PartySocket({ host, room: "löbby", id: "ada", query, minReconnectionDelay: 1 });
    await eventually(() => expect(server.visits).toHaveLength(1));
    server.visits[0]!.socket.terminate();
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(server.visits.map(({ query }) => Object.fromEntries(query))).toEqual([
      { _pk: "ada", count: "0", "a b": "é&" },
      { _pk: "ada", count: "1", "a b": "é&" },
    ]);
    expect(server.visits[0]!.path).toBe("/parties/main/l%C3%B6bby");
  });

  it("goes to another room after updateProperties and reconnect, with its listeners", async () => {
    const { host } = server;
    socket = new PartySocket({ host, room: "one", party: "chat", path: "x", query: { a: "1" } });
    const received: string[] = [];
    socket.addEventListener("message", ({ data }) => received.push(String(data)));
    await eventually(() => expect(socket.readyState).toBe(socket.OPEN));
    const { id } = socket;
    socket.updateProperties({ room: "two", query: { b: "2" } });
    expect(socket).toMatchObject({ room: "two", name: "chat", id });
    socket.updateProperties({ protocols: ["mine"] });
    socket.reconnect(4_000, "moving");
    await eventually(() => expect(server.visits).toHaveLength(2));
    const [first, second] = server.visits;
    await eventually(() => expect(first!.closeCode).toBe(4_000));
    expect(second!.path).toBe("/parties/chat/two/x");
    expect(Object.fromEntries(second!.query)).toEqual({ _pk: id, b: "2" });
    expect(second!.protocols).toEqual(["mine"]);
  });

  it("takes the options that updateProperties changes", async () => {
    socket = new PartySocket({ host: server.host, room: "one", maxEnqueuedMessages: 0 });
    socket.send("dropped");
    expect(socket.bufferedAmount).toBe(0);
    socket.updateProperties({ maxEnqueuedMessages: 1, shouldReconnectOnClose: () => false });
    await eventually(() => expect(server.visits).toHaveLength(1));
    server.visits[0]!.socket.close(1_011);
    await eventually(() => expect(socket.shouldReconnect).toBe(false));
    socket.send("kept");
    expect(socket.bufferedAmount).toBe(4);
  });

  it("sends requests to its room", async () => {
    socket = at();
    const options = { host: server.host, room: "lobby", path: "info", query: () => ({ q: "é" }) };
    const response = await PartySocket.fetch(options, { method: "POST" });
    expect(await response.text()).toBe("POST /parties/main/lobby/info?q=%C3%A9");
    const own = vi.fn(async () => new Response("mine"));
    await PartySocket.fetch({ host: "example.com", room: "lobby", fetch: own });
    expect(own).toHaveBeenCalledWith("https://example.com/parties/main/lobby?", undefined);
  });
});
