import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { RoomServer } from "../../../test/room-server";
import { webSocketClasses } from "../../../test/rooms";
import { ScriptedSocket } from "../../../test/scripted-socket";
import { errorEvent, turn, waitOf } from "../../../test/scripted";
import type { ProtocolsProvider, UrlProvider } from "./options";
import ReconnectingWebSocket, { CloseEvent, ErrorEvent, type Options } from "./ws";

const URL = "ws://localhost/any";

let socket: ReconnectingWebSocket | undefined;
afterEach(() => {
  socket?.close();
  socket = undefined;
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe.each(webSocketClasses)("a compatible socket with $name", ({ WebSocket }) => {
  let server: RoomServer;
  beforeEach(async () => {
    server = await RoomServer.start();
  });
  afterEach(() => server.stop());

  it("offers no subprotocol, sends what was queued, and receives", async () => {
    socket = new ReconnectingWebSocket(`ws://${server.host}/any?a=1`, undefined, { WebSocket });
    socket.binaryType = "arraybuffer";
    const received: unknown[] = [];
    Object.assign(socket, {
      onmessage: ({ data }: MessageEvent) => received.push(data),
    } satisfies Pick<ReconnectingWebSocket, "onmessage">);
    expect([socket.send("one"), socket.send(new Uint8Array([50])), socket.readyState]).toEqual([
      false,
      false,
      0,
    ]);
    expect(socket.bufferedAmount).toBe(4);
    await eventually(() => expect(server.visits[0]?.received).toEqual(["one", "2"]));
    const [visit] = server.visits;
    expect(visit).toMatchObject({ path: "/any", protocols: [""], key: undefined });
    expect(socket).toMatchObject({ protocol: "", url: `ws://${server.host}/any?a=1` });
    expect(socket.send("three")).toBe(true);
    visit!.socket.send("text");
    visit!.socket.send(new Uint8Array([1]));
    await eventually(() => expect(received).toEqual(["text", new Uint8Array([1]).buffer]));
  });

  it("reconnects after a close code that is final elsewhere, and keeps the code", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const options = { WebSocket, minReconnectionDelay: 1 };
    socket = new ReconnectingWebSocket(`ws://${server.host}/any`, null, options);
    const closes: CloseEvent[] = [];
    socket.addEventListener("close", (event) => closes.push(event));
    await eventually(() => expect(server.visits).toHaveLength(1));
    server.visits[0]!.socket.close(4_403, "forbidden");
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(closes[0]).toBeInstanceOf(CloseEvent);
    expect(closes[0]).toMatchObject({ code: 4_403, reason: "forbidden", wasClean: true });
  });
});

/** A socket without a network, and what it dispatches. */
function open(options: Options = {}, url: UrlProvider = URL, protocols?: ProtocolsProvider) {
  const made = new ReconnectingWebSocket(url, protocols, { WebSocket: ScriptedSocket, ...options });
  socket = made;
  const events: string[] = [];
  made.addEventListener("open", () => events.push("open"));
  made.addEventListener("close", ({ code, reason }) => events.push(`close ${code} ${reason}`));
  made.addEventListener("error", ({ message }) => events.push(`error ${message}`));
  return { socket: made, events };
}

const sockets = ScriptedSocket.made;
const latest = () => sockets.at(-1)!;

describe("a compatible socket", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    sockets.length = 0;
  });

  it("gives an attempt 4 s from its socket, and its functions all the time they take", async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      return URL;
    };
    const { events } = open({}, slow, async () => "mine");
    await vi.advanceTimersByTimeAsync(60_001);
    expect(latest()).toMatchObject({ url: URL, protocols: ["mine"] });
    await vi.advanceTimersByTimeAsync(3_990);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(events).toEqual(["close 1006 timeout", "error TIMEOUT"]);
  });

  it.each([
    [{}, 1, 3_000],
    [{}, 2, 3_900],
    [{}, 9, 10_000],
    [{ minReconnectionDelay: 1_000, reconnectionDelayGrowFactor: 3 }, 3, 9_000],
  ])(
    "with %j waits a random time after failure %i: at most %i ms",
    async (options, failures, ms) => {
      vi.spyOn(Math, "random").mockReturnValue(0.999);
      const { socket } = open(options);
      const waits: number[] = [];
      await turn();
      for (let count = 1; count <= failures; count++) {
        latest().dispatchEvent(errorEvent("no"));
        expect(socket.retryCount).toBe(count);
        // oxlint-disable-next-line no-await-in-loop -- one attempt after another
        waits.push(await waitOf());
      }
      expect(waits.at(-1)! / ms).toBeCloseTo(0.999, 2);
    },
  );

  it("retries as often as it may, and counts no further", async () => {
    const { socket, events } = open({ maxRetries: 1, minReconnectionDelay: 1 });
    await turn();
    latest().dispatchEvent(errorEvent("no"));
    await turn();
    latest().dispatchEvent(errorEvent("never"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
    expect(events).toEqual(["close 1006 ", "error no", "close 1006 ", "error never"]);
    expect(socket).toMatchObject({ retryCount: 1, readyState: 3 });
    socket.reconnect();
    expect(socket.retryCount).toBe(0);
    await turn();
    expect(sockets).toHaveLength(3);
  });

  it("counts no retries once a connection has lasted", async () => {
    const { socket } = open({ minReconnectionDelay: 1, minUptime: 50 });
    await turn();
    latest().end(1_006);
    await turn();
    latest().open();
    expect(socket.retryCount).toBe(1);
    await vi.advanceTimersByTimeAsync(50);
    expect(socket.retryCount).toBe(0);
  });

  it.each([1_000, 1_008, 4_000, 4_401])("asks the app's function about code %i", async (code) => {
    const asked: CloseEvent[] = [];
    const shouldReconnectOnClose = (event: CloseEvent) => asked.push(event) > 1;
    const { socket } = open({ shouldReconnectOnClose, minReconnectionDelay: 1 });
    await turn();
    latest().end(code, "why");
    expect(asked).toMatchObject([{ code, reason: "why" }]);
    expect(socket.shouldReconnect).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("dispatches the close that it asks about, also if the app's function closes it", async () => {
    const { socket, events } = open({
      shouldReconnectOnClose: () => {
        socket.close();
        return false;
      },
    });
    await turn();
    latest().end(4_001, "why");
    expect(events).toEqual(["close 4001 why"]);
    expect(socket).toMatchObject({ shouldReconnect: false, readyState: 3 });
  });

  it("warns once of a close code that is final for our own client", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    open({ minReconnectionDelay: 1 });
    for (const code of [4_777, 4_777, 1_000, 1_006]) {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after another
      await turn();
      latest().end(code);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(/4777.*`shouldReconnectOnClose: .*isRetriedCloseCode/);
  });

  it("stays closed when another connection has taken over its id, unless the app insists", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { socket } = open({ minReconnectionDelay: 1 });
    await turn();
    latest().open();
    latest().end(4_409, "superseded");
    expect(socket.shouldReconnect).toBe(false);
    expect(warn.mock.calls[0]![0]).toMatch("`shouldReconnectOnClose: () => true`");
    const insisting = open({ minReconnectionDelay: 1, shouldReconnectOnClose: () => true });
    await turn();
    latest().open();
    latest().end(4_409, "superseded");
    expect(insisting.socket.shouldReconnect).toBe(true);
    const other = open({ minReconnectionDelay: 1 });
    await turn();
    latest().end(4_409, "a reason of the app");
    expect(other.socket.shouldReconnect).toBe(true);
    insisting.socket.close();
  });

  it("dispatches the close at once, with its code, and no second one", async () => {
    const { socket, events } = open();
    await turn();
    latest().open();
    socket.close(4_000, "bye");
    expect(events).toEqual(["open", "close 4000 bye"]);
    expect(socket.readyState).toBe(socket.CLOSED);
    socket.close();
    socket.reconnect();
    socket.close();
    expect(events).toEqual(["open", "close 4000 bye"]);
    socket.reconnect();
    await turn();
    latest().end(1_001);
    socket.close();
    expect(events.slice(2)).toEqual(["close 1001 "]);
  });

  it("replaces a close code that a WebSocket refuses, and does not throw", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { socket, events } = open();
    await turn();
    latest().open();
    socket.close(1_011, "no");
    expect(events).toEqual(["open", "close 1000 "]);
    expect(warn.mock.calls[0]![0]).toMatch("1000 or 3000 to 4999");
  });

  it("bounds its queue if it is asked to, and gives back what it holds", () => {
    const { socket } = open({ startClosed: true, maxEnqueuedMessages: 2 });
    for (const text of ["one", "two", "three"]) expect(socket.send(text)).toBe(false);
    expect(socket.drainQueuedMessages()).toEqual(["one", "two"]);
    expect(socket.bufferedAmount).toBe(0);
    const { socket: unbounded } = open({ startClosed: true });
    for (let count = 0; count < 5_000; count++) unbounded.send("x");
    expect(unbounded.bufferedAmount).toBe(5_000);
  });

  it("sends the rest of its queue if the platform refuses a message, and opens", async () => {
    const { socket, events } = open();
    for (const text of ["one", "two", "three"]) socket.send(text);
    await turn();
    const { send } = latest();
    vi.spyOn(latest(), "send").mockImplementation(function refuse(this: ScriptedSocket, message) {
      if (message === "two") throw new TypeError("no text");
      send.call(this, message);
    });
    latest().open();
    expect(latest().sent).toEqual(["one", "three"]);
    expect(events).toEqual(["error no text", "open"]);
  });

  it("sends on an open connection at once, however much the platform has in its buffer", async () => {
    const { socket } = open();
    await turn();
    latest().open();
    latest().bufferedAmount = 2 ** 24;
    expect(socket.send("last words")).toBe(true);
    expect(latest().sent).toEqual(["last words"]);
  });

  it("warns of a message that is sent after a close, and sends it after a reconnect", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { socket } = open();
    socket.close();
    expect(socket.send("late")).toBe(false);
    expect(warn.mock.calls[0]![0]).toMatch("after close()");
    socket.reconnect();
    await turn();
    latest().open();
    expect(latest().sent).toEqual(["late"]);
  });

  it.each<[UrlProvider, ProtocolsProvider | undefined, string]>([
    [(() => 7) as never, undefined, "The URL must be a string"],
    [URL, (() => /a/) as never, "The protocols must be strings"],
    [() => Promise.reject(new Error("no token")), undefined, "no token"],
  ])("tells of a function that fails, in the app's own words", async (url, protocols, message) => {
    const { events } = open({ maxRetries: 0 }, url, protocols);
    await turn();
    expect(events.at(-1)).toMatch(`error ${message}`);
    expect(sockets).toHaveLength(0);
  });

  it("tells how to go on where there is no WebSocket class, and does not throw", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const { events } = open({ WebSocket: undefined, maxRetries: 0 });
    await turn();
    expect(error.mock.calls[0]![0]).toMatch("pass the class of `ws`");
    expect(events.at(-1)).toMatch("error There is no `WebSocket` here");
  });

  it("logs what happens if it is asked to, by the app's own function too", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const debugLogger = vi.fn();
    open();
    open({ debug: true });
    open({ debug: true, debugLogger });
    await turn();
    expect(log.mock.calls).toEqual([["RWS>", "connect", 0]]);
    expect(debugLogger).toHaveBeenCalledWith("RWS>", "connect", 0);
  });

  it("makes events without the platform's MessageEvent, as React Native has none", async () => {
    vi.stubGlobal("MessageEvent", undefined);
    const { socket } = open();
    const received: unknown[] = [];
    socket.addEventListener("message", ({ type, data }) => received.push([type, data]));
    await turn();
    latest().open();
    latest().dispatchEvent(Object.assign(new Event("message"), { data: "hello" }));
    expect(received).toEqual([["message", "hello"]]);
  });

  it("has the event classes of partysocket", () => {
    expect(new CloseEvent(1_000, "bye", {})).toMatchObject({ type: "close", wasClean: true });
    const error = new Error("no");
    expect(new ErrorEvent(error, null)).toMatchObject({ type: "error", error, message: "no" });
  });

  it("leaves no timer and no listener behind", async () => {
    const { socket } = open();
    await turn();
    socket.reconnect();
    await turn();
    latest().open();
    socket.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
