import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  beginScript,
  connect,
  endScript,
  enter,
  errorEvent,
  fail,
  open,
  sockets,
  turn,
  waitOf,
} from "../../test/scripted";
import type { Room } from "../room/room";
import { ScriptedSocket } from "../../test/scripted-socket";
import { PartySocket } from "../socket/party-socket";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

describe("attempts to connect", () => {
  it("begin at once, and wait for ever longer after failures", async () => {
    enter();
    const waits = [await waitOf()];
    for (let attempt = 1; attempt < 8; attempt++) {
      sockets.at(-1)!.end(1_006);
      waits.push(await waitOf());
    }
    expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it.each([
    { minReconnectionDelay: 100, maxReconnectionDelay: 600, reconnectionDelayGrowFactor: 3 },
    { backoff: { initialMs: 100, maxMs: 600, factor: 3 } },
    { backoff: { initialMs: 100, factor: 3 }, maxReconnectionDelay: 600, minReconnectionDelay: 1 },
  ])("wait as long as %j says", async (options) => {
    connect(options);
    const waits = [await waitOf()];
    for (let attempt = 1; attempt < 5; attempt++) {
      sockets.at(-1)!.end(1_006);
      waits.push(await waitOf());
    }
    expect(waits).toEqual([0, 50, 150, 300, 300]);
  });

  it("count from 0 again after a connection that lasted, and not after a short one", async () => {
    enter({ minUptime: 1_000 });
    const waits: number[] = [];
    for (const lastsMs of [999, 999, 1_000, 0]) {
      const socket = await open();
      await vi.advanceTimersByTimeAsync(lastsMs);
      socket.end(1_006);
      waits.push(await waitOf());
    }
    expect(waits).toEqual([500, 1_000, 500, 1_000]);
  });

  it("wait as long as the room asks, and some more", async () => {
    enter();
    const close = { code: 1_013, reason: "", retry: true, retryAfterMs: 7_000 };
    (await open()).receive(JSON.stringify(["$close", close]));
    expect(await waitOf()).toBe(7_500);
  });

  it("have the id in the URL, and the key and the token in the subprotocols", async () => {
    connect({
      id: "ada",
      key: "abc",
      query: () => ({ a: 1, _pk: "eve" }),
      token: () => "secret",
      protocols: "mine",
    });
    await turn();
    expect(sockets[0]).toMatchObject({
      url: "ws://localhost/parties/chat/lobby?a=1&_pk=ada",
      protocols: ["partyflare.raw", "partyflare.key.abc", "partyflare.token.c2VjcmV0", "mine"],
    });
  });

  it("have no token where none is given", async () => {
    const nothing = () => null;
    connect({ key: "abc", token: nothing, protocols: nothing, query: nothing });
    await turn();
    expect(sockets[0]!.protocols).toEqual(["partyflare.raw", "partyflare.key.abc"]);
  });
});

describe("a close with 4409", () => {
  const supersede = () => sockets.at(-1)!.end(4_409, "superseded");

  it("is final after connect(), close() and reconnect(): nothing had been sent", async () => {
    const { room } = enter();
    room.close();
    room.reconnect();
    await open();
    supersede();
    expect(room.status).toMatchObject({ state: "closed", error: { code: "superseded" } });
  });

  it.each([
    ["timed out", () => vi.advanceTimersByTimeAsync(15_000)],
    // A proxy may hold the request back, and the connection behind it may outlive ours.
    ["failed", () => Promise.resolve(sockets.at(-1)!.end(1_006))],
    ["was replaced by reconnect()", (room: Room<{}>) => Promise.resolve(room.reconnect())],
  ])("is not while an attempt that %s may arrive, once", async (_how, abandon) => {
    const { room } = enter();
    await turn();
    await abandon(room);
    await vi.advanceTimersByTimeAsync(1_000);
    await open();
    supersede();
    expect(room.status.state).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    await open();
    supersede();
    expect(room.status.state).toBe("closed");
  });

  it("is final again when such an attempt would have arrived long ago", async () => {
    const { room } = enter();
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.advanceTimersByTimeAsync(1_000);
    const socket = await open();
    for (let second = 0; second < 15; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      socket.receive('["$pong"]');
    }
    supersede();
    expect(room.status.state).toBe("closed");
  });
});

describe("a socket that gives up", () => {
  it("is closed when maxRetries is spent, and says why", async () => {
    const { socket, events } = connect({ maxRetries: 1 });
    await turn();
    for (const message of ["one", "two"]) {
      const error = errorEvent(message);
      sockets.at(-1)!.dispatchEvent(error);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(sockets).toHaveLength(2);
    expect(socket.shouldReconnect).toBe(false);
    expect(socket.readyState).toBe(PartySocket.CLOSED);
    const once = ["close 1006 ", "error disconnected"];
    expect(events).toEqual([...once, ...once]);
  });

  it.each([
    ["maxRetries is spent", { maxRetries: 0 }],
    ["maxRetries is spent by a token that fails", { maxRetries: 0, token: fail }],
    ["shouldReconnectOnClose throws", { shouldReconnectOnClose: fail }],
  ])("has the status closed, with the cause, when %s", async (_when, options) => {
    const { room } = enter(options);
    await turn();
    const error = errorEvent("no");
    sockets[0]?.dispatchEvent(error);
    await turn();
    expect(room.status).toMatchObject({ state: "closed", error: { cause: new Error("no") } });
  });

  it("waits where a constructor throws, as for mixed content, with the cause", async () => {
    const Insecure = new Proxy(ScriptedSocket, { construct: fail });
    const { room } = enter({ WebSocket: Insecure });
    await turn();
    expect(room.status).toMatchObject({
      state: "waiting",
      attempt: 1,
      error: { code: "disconnected", message: "no", cause: new Error("no") },
    });
    const { events } = connect({ WebSocket: Insecure });
    await turn();
    expect(events).toEqual(["error no"]);
  });

  it("waits where a constructor throws nothing, and leaves no unhandled rejection", async () => {
    const throwsNull = () => {
      // oxlint-disable-next-line no-throw-literal -- what it tests
      throw null;
    };
    const { room } = enter({ WebSocket: new Proxy(ScriptedSocket, { construct: throwsNull }) });
    await turn();
    expect(room.status).toMatchObject({ state: "waiting", error: { code: "disconnected" } });
    await turn();
  });

  it.each([1_014, 1_015])("does not after a close with %d", async (code) => {
    const { room } = enter();
    (await open()).end(code);
    expect(room.status.state).toBe("waiting");
  });
});

describe("the close event", () => {
  it("is dispatched before the first socket exists, too", async () => {
    const { socket, events } = connect();
    socket.close(4_000, "bye");
    socket.close();
    expect(events).toEqual(["close 4000 bye"]);
    await turn();
    expect(sockets).toEqual([]);
  });

  it("is dispatched while waiting for the next attempt", async () => {
    const { socket, events } = connect({ token: fail });
    await turn();
    socket.close();
    expect(events).toEqual(["error The option `token` failed: no", "close 1000 "]);
  });

  it.each<[string, (socket: PartySocket) => void, boolean]>([
    ["closes", (socket) => socket.close(), false],
    ["reconnects", (socket) => socket.reconnect(), true],
  ])(
    "has the room's code if the app's function %s when it is asked",
    async (_how, act, retries) => {
      const { socket, events } = connect({
        shouldReconnectOnClose: () => {
          act(socket);
          return true;
        },
      });
      await turn();
      sockets[0]!.open();
      sockets[0]!.end(1_012, "deploy");
      await turn();
      expect(events).toEqual(["open", "close 1012 deploy"]);
      expect(socket.shouldReconnect).toBe(retries);
      expect(sockets).toHaveLength(retries ? 2 : 1);
    },
  );

  it("may lead to another reconnect each time, and to one connection", async () => {
    const { socket, events } = connect();
    const reconnect = () => socket.reconnect();
    socket.addEventListener("close", reconnect);
    await open();
    socket.reconnect();
    socket.removeEventListener("close", reconnect);
    await open();
    expect(events).toEqual(["open", "close 1000 ", "open"]);
    expect(sockets.map(({ readyState }) => readyState)).toEqual([2, 1]);
  });
});
