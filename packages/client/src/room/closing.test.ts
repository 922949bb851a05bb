import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Page } from "../../test/page";
import { failureOf } from "../../test/rooms";
import { beginScript, connect, endScript, enter, open, sockets, turn } from "../../test/scripted";
import { heartbeat } from "../connection/heartbeat";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

const TEXT = '["$text","one"]';

describe("a room whose connection is in doubt", () => {
  it("sends nothing that is held to a room that announces its close", async () => {
    const page = new Page();
    const { room } = enter();
    const first = await open();
    page.tell("offline");
    expect(room.sendText("one")).toBe("held");
    first.receive('["$close",{"code":1012,"reason":"","retry":true}]');
    expect(first.sent).not.toContain(TEXT);
    room.reconnect();
    const second = await open();
    expect(second.sent).toEqual([TEXT]);
  });

  it("keeps the order of what a listener sends while it reads the first message after it", async () => {
    const page = new Page();
    const { room } = enter();
    const socket = await open();
    page.tell("offline");
    room.sendText("one");
    room.on("said" as never, () => room.sendText("two"));
    socket.receive('["said",{}]');
    expect(socket.sent.join("\n").split("\n").slice(1)).toEqual([TEXT, '["$text","two"]']);
  });

  it("sends or keeps what is held where a listener of the next message closes a raw socket", async () => {
    const page = new Page();
    const { socket: raw } = connect({ heartbeat: heartbeat() });
    const socket = await open();
    page.tell("offline");
    raw.send("one");
    raw.addEventListener("message", () => raw.close());
    socket.receive("hello");
    expect(raw.readyState).toBe(3);
    expect(raw.drainQueuedMessages().length + socket.sent.length).toBe(2);
  });
});

describe("a room that is closed", () => {
  it("tells nothing more of a hello whose listener has closed it", async () => {
    const { room } = enter();
    const told: boolean[] = [];
    room.onRecovery(({ recovered }) => told.push(recovered));
    room.onStatus(({ state }) => state === "open" && room.close());
    await turn();
    const socket = sockets.at(-1)!;
    socket.open();
    const history = { epoch: "e", offset: 1, tag: "t", recovered: false };
    socket.receive(JSON.stringify(["$hello", { id: "a", room: "l", history }]));
    expect(room.status.state).toBe("closed");
    expect(told).toEqual([]);
  });

  it("ends calls made in every callback of its close", async () => {
    const { room } = enter();
    await turn();
    room.sendText("held");
    const calls: Promise<unknown>[] = [];
    const call = () => calls.push(failureOf(room.call("count" as never, undefined)));
    room.onDrop(({ kind }) => kind === "text" && call());
    room.onStatus(call);
    room.close();
    call();
    expect(await Promise.all(calls)).toHaveLength(calls.length);
    expect(calls.length).toBeGreaterThan(2);
  });

  it("stays closed where a provider that hangs answers later", async () => {
    let answer: (token: string) => void = () => {};
    const { room } = enter({ token: () => new Promise((resolve) => (answer = resolve)) });
    await turn();
    room.close();
    answer("late");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(0);
  });

  it("makes no socket when it is closed in any microtask of an attempt", async () => {
    for (let steps = 0; steps < 40; steps++) {
      const { room } = enter({ token: () => "t", query: () => ({ a: 1 }) });
      for (let step = 0; step < steps; step++) await Promise.resolve();
      room.close();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(sockets.filter(({ readyState }) => readyState < 2)).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it("reconnects to one socket in any microtask of an attempt", async () => {
    for (let steps = 0; steps < 40; steps++) {
      const { room } = enter({ token: () => "t" });
      for (let step = 0; step < steps; step++) await Promise.resolve();
      room.reconnect();
      await turn();
      expect(sockets.filter(({ readyState }) => readyState < 2)).toHaveLength(1);
      room.close();
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});
