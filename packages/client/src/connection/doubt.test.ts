import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Page } from "../../test/page";
import { beginScript, connect, endScript, enter, open, sockets } from "../../test/scripted";
import { heartbeat } from "./heartbeat";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

describe("a connection in doubt", () => {
  it.each([
    ["the network is gone", (page: Page) => page.tell("offline")],
    ["the page is frozen", (page: Page) => page.tell("freeze")],
    ["a probe is unanswered", (page: Page) => page.goOnline()],
    ["the page comes from the back/forward cache", (page: Page) => page.tell("pageshow")],
    ["the machine has slept", () => void vi.setSystemTime(Date.now() + 51_000)],
  ])("holds what is sent when %s, until there is an answer", async (_when, doubt) => {
    const page = new Page();
    const { room } = enter();
    const socket = await open();
    doubt(page);
    expect(room.sendText("one")).toBe("held");
    expect(socket.sent).toEqual(['["$ping"]']);
    socket.receive('["$pong"]');
    expect(socket.sent).toEqual(['["$ping"]', '["$text","one"]']);
    expect(room.sendText("two")).toBe("sent");
  });

  it("holds what is sent over a raw socket with heartbeats, until there is an answer", async () => {
    const page = new Page();
    const { socket: raw } = connect({ heartbeat: heartbeat() });
    const socket = await open();
    page.tell("offline");
    expect(raw.send("one")).toBe(false);
    socket.receive('["$pong"]');
    expect(socket.sent).toEqual(['["$ping"]', "one"]);
  });

  it("that does not answer is replaced, and what was held goes over the next one", async () => {
    const page = new Page();
    const { room } = enter();
    const first = await open();
    page.tell("offline");
    expect(room.sendText("one")).toBe("held");
    await vi.advanceTimersByTimeAsync(1_000);
    page.goOnline();
    await vi.advanceTimersByTimeAsync(4_000);
    const second = await open();
    expect(first.sent).not.toContain('["$text","one"]');
    expect(second.sent).toEqual(['["$text","one"]']);
  });

  it("is found by room.probe() where the platform has no events, as in React Native", async () => {
    const { room } = enter({ backoff: { initialMs: 1e9, maxMs: 1e9 } });
    const socket = await open();
    room.probe();
    expect(socket.sent).toEqual(['["$ping"]']);
    await vi.advanceTimersByTimeAsync(4_001);
    await open();
    sockets.at(-1)!.end(1_006);
    expect(room.status.state).toBe("waiting");
    room.probe();
    await open();
    expect(room.status.state).toBe("open");
  });
});

describe("an upload", () => {
  it("of 900 kB over 40 kB/s is not cut, though its pong comes behind it", async () => {
    const { room } = enter();
    const socket = await open();
    await vi.advanceTimersByTimeAsync(24_000);
    room.sendBinary(new Uint8Array(900_000));
    socket.bufferedAmount = 900_000;
    for (let second = 0; second < 22.5; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      socket.bufferedAmount = Math.max(0, socket.bufferedAmount - 40_000);
    }
    socket.receive('["$pong"]');
    expect(room.status.state).toBe("open");
    expect(sockets).toHaveLength(1);
  });
});
