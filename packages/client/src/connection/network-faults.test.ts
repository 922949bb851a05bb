import { PING, PONG } from "@partyflare/shared/internal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Page } from "../../test/page";
import { ScriptedSocket } from "../../test/scripted-socket";
import type { PartySocketOptions } from "./options";
import { PartySocket } from "../socket/party-socket";
import { Room } from "../room/room";
import type { RoomStatus } from "./status";
import { heartbeat } from "./heartbeat";

const WHERE = { host: "localhost", party: "chat", room: "lobby", WebSocket: ScriptedSocket };
const HELLO = '["$hello",{"id":"ada","room":"lobby"}]';

beforeEach(() => {
  vi.useFakeTimers();
  ScriptedSocket.made.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a connection that is half-open", () => {
  it("is noticed within 40 s of the last sign of life, and dialled again without its close", async () => {
    const { room, statuses } = enter({}, () => 1);
    const first = await open();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(first.sent).toEqual([PING]);
    expect(statuses.at(-1)).toMatchObject({
      state: "waiting",
      attempt: 1,
      error: { code: "timeout", message: "The room gave no answer." },
    });
    await open(2);
    expect(first.readyState).toBe(2);
    expect(room.status.state).toBe("open");
  });

  it("is noticed within 5 s of the network's return, and dialled again at once", async () => {
    const page = new Page();
    const { statuses } = enter();
    const first = await open();
    page.goOnline();
    expect(first.sent).toEqual([PING]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statuses.map(({ state }) => state)).toEqual(["open", "waiting"]);
    await vi.advanceTimersByTimeAsync(2);
    expect(ScriptedSocket.made).toHaveLength(2);
    expect(statuses.at(-1)).toEqual({ state: "connecting", attempt: 1 });
  });

  it("is noticed soon after its page is seen again", async () => {
    const page = new Page();
    enter();
    await open();
    page.become("hidden");
    await vi.advanceTimersByTimeAsync(4_002);
    expect(ScriptedSocket.made).toHaveLength(1);
    page.become("visible");
    await vi.advanceTimersByTimeAsync(4_002);
    expect(ScriptedSocket.made).toHaveLength(2);
  });

  it("is told of by a close event with 1006, to a raw socket that asks for signs of life", async () => {
    const { closes } = connect({ heartbeat: heartbeat() }, () => 1);
    const first = await open();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(first.sent).toEqual([PING]);
    expect(closes).toEqual([expect.objectContaining({ code: 1_006, wasClean: false })]);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(ScriptedSocket.made).toHaveLength(2);
  });
});

describe("a connection that is closed while it is closing", () => {
  it("is not asked for signs of life any more, nor dialled again", async () => {
    const { room } = enter();
    const socket = await open();
    // The room's Close frame has come, and the network's end has not.
    socket.readyState = 2;
    room.close();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ScriptedSocket.made).toHaveLength(1);
    expect(room.status).toEqual({ state: "closed" });
  });
});

describe("a connection that is alive", () => {
  it("lasts, by whatever comes", async () => {
    const page = new Page();
    const { statuses } = enter();
    const socket = await open();
    socket.addEventListener("message", () => {});
    for (let minute = 0; minute < 10; minute++) {
      page.goOnline();
      await vi.advanceTimersByTimeAsync(3_000);
      socket.receive(minute % 2 === 0 ? PONG : '["said",{"text":"hello"}]');
      await vi.advanceTimersByTimeAsync(28_000);
      socket.receive(PONG);
    }
    expect(statuses.map(({ state }) => state)).toEqual(["open"]);
  });

  it("has its signs of life kept from a raw socket's listeners", async () => {
    const { messages } = connect({ heartbeat: heartbeat() });
    const socket = await open();
    socket.receive(PONG);
    socket.receive("hello");
    expect(messages).toEqual(["hello"]);
  });

  it("is asked for none by a raw socket that does not say so", async () => {
    const page = new Page();
    const { messages } = connect();
    const socket = await open();
    page.goOnline();
    await vi.advanceTimersByTimeAsync(3_600_000);
    socket.receive(PONG);
    expect(socket.sent).toEqual([]);
    expect(messages).toEqual([PONG]);
    expect(ScriptedSocket.made).toHaveLength(1);
  });
});

describe("a room that does not say hello", () => {
  it("has not answered: after 15 s it is dialled again, and waited for ever longer", async () => {
    // However long it was open without a word: it has not lasted.
    const { statuses } = enter({ minUptime: 1_000 });
    for (const attempt of [1, 2, 3]) {
      const socket = await attemptOf(attempt);
      socket.open();
      socket.receive('["said",{"text":"early"}]');
      await vi.advanceTimersByTimeAsync(15_000);
      expect(statuses.at(-1)).toMatchObject({
        state: "waiting",
        attempt,
        error: { code: "timeout", message: "The room did not say hello within 15000 ms." },
      });
    }
  });
});

describe("what is sent before a room has said hello", () => {
  it("is held, on each connection anew", async () => {
    const { room } = enter();
    for (const number of [1, 2]) {
      const socket = await attemptOf(number);
      socket.open();
      expect(room.sendText("early")).toBe("held");
      expect(socket.sent).toEqual([]);
      socket.receive(HELLO);
      expect(socket.sent).toEqual(['["$text","early"]']);
      expect(room.sendText("late")).toBe("sent");
      await Promise.resolve();
      socket.end(1_006);
    }
  });
});

describe("the wait for the next attempt", () => {
  it.each(["online", "visible"])("is over at once when the page is %s", async (event) => {
    const page = new Page();
    const { statuses } = enter({ backoff: { initialMs: 1e6, maxMs: 1e6 } });
    (await open()).end(1_006);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ScriptedSocket.made).toHaveLength(1);
    if (event === "online") page.goOnline();
    else page.become("visible");
    await vi.advanceTimersByTimeAsync(1);
    expect(ScriptedSocket.made).toHaveLength(2);
    expect(statuses.at(-1)).toEqual({ state: "connecting", attempt: 0 });
  });

  it("is short again after an attempt during which the network came back", async () => {
    const page = new Page();
    const { statuses } = enter();
    for (const number of [1, 2, 3, 4]) (await attemptOf(number)).end(1_006);
    await attemptOf(5);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(statuses.at(-1)).toMatchObject({ state: "waiting", attempt: 1 });
  });

  it("lasts as long as the room has asked for, even so", async () => {
    const page = new Page();
    const { statuses } = enter({ backoff: { initialMs: 1e6, maxMs: 1e6 } });
    (await open()).receive(
      '["$close",{"code":4503,"reason":"room_full","retry":true,"retryAfterMs":60000}]',
    );
    const retryAtMs = Date.now() + 60_000;
    await vi.advanceTimersByTimeAsync(1_000);
    page.goOnline();
    expect(statuses.at(-1)).toMatchObject({ state: "waiting", attempt: 1, retryAtMs });
    await vi.advanceTimersByTimeAsync(58_990);
    expect(ScriptedSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(ScriptedSocket.made).toHaveLength(2);
  });

  it("is not taken away by a room that asks for less than nothing", async () => {
    const { statuses } = enter();
    const nowMs = Date.now();
    (await open()).receive(
      '["$close",{"code":1012,"reason":"","retry":true,"retryAfterMs":-60000}]',
    );
    expect(statuses.at(-1)).toMatchObject({ retryAtMs: nowMs + 500 + 1 });
  });
});

describe("a page", () => {
  it.each([
    ["a room", () => enter().room],
    ["a raw socket", () => connect().socket],
  ])("is listened to by %s while it may come back, and not after", async (_what, make) => {
    const page = new Page();
    const client = make();
    const { listeners } = page;
    expect(listeners).toBeGreaterThan(0);
    (await open()).end(1_006);
    expect(page.listeners).toBe(listeners);
    client.close();
    expect(page.listeners).toBe(0);
    client.reconnect();
    client.reconnect();
    expect(page.listeners).toBe(listeners);
    (await open(2)).end(4_403);
    expect(page.listeners).toBe(0);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ScriptedSocket.made).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is left alone by what starts closed, as where a server renders", () => {
    const page = new Page();
    const socket = new PartySocket({ ...WHERE, startClosed: true });
    const room = new Room(WHERE, { startClosed: true });
    expect([socket.readyState, room.status.state]).toEqual([PartySocket.CLOSED, "connecting"]);
    expect(page.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what is sent faster than the network takes it", () => {
  it("is held, bounded, and sent when the network takes more", async () => {
    const { room } = enter({ queue: { maxMessages: 1 } });
    const socket = await open();
    socket.bufferedAmount = 2 ** 20 + 1;
    expect([room.sendText("one"), room.sendText("two")]).toEqual(["held", "dropped"]);
    socket.bufferedAmount = 0;
    await vi.advanceTimersByTimeAsync(50);
    expect(socket.sent).toEqual(['["$text","one"]']);
    expect(room.sendText("four")).toBe("sent");
  });
});

function enter(options: Partial<PartySocketOptions> = {}, random = () => 0.5) {
  const room = new Room({ ...WHERE, ...options }, { random });
  const statuses: RoomStatus[] = [];
  room.onStatus((status) => statuses.push(status));
  return { room, statuses };
}

function connect(options: Partial<PartySocketOptions> = {}, random = () => 0.5) {
  const socket = new PartySocket({ ...WHERE, ...options }, { random });
  const [closes, messages]: [unknown[], unknown[]] = [[], []];
  socket.addEventListener("close", (event) => closes.push(event));
  socket.addEventListener("message", ({ data }) => messages.push(data));
  return { socket, closes, messages };
}

/** The socket of an attempt, once it has been made. */
async function attemptOf(number: number): Promise<ScriptedSocket> {
  for (let step = 0; step < 100 && ScriptedSocket.made.length < number; step++) {
    await vi.advanceTimersByTimeAsync(step === 0 ? 1 : 1_000);
  }
  return ScriptedSocket.made[number - 1]!;
}

async function open(number = 1): Promise<ScriptedSocket> {
  const socket = await attemptOf(number);
  socket.open();
  if (socket.protocol === "partyflare.1") socket.receive(HELLO);
  return socket;
}
