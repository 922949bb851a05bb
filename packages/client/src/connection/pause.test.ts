import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pause } from "./pause";

describe("a pause", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("ends when its time is over", async () => {
    const isOver = watch(new Pause().wait(1_000));
    await vi.advanceTimersByTimeAsync(999);
    expect(await isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isOver()).toBe(true);
  });

  it("ends at once when it is cut short, and leaves no timer", async () => {
    const pause = new Pause();
    const isOver = watch(pause.wait(1_000));
    pause.end();
    expect(await isOver()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on for ever once it is held, until it is ended", async () => {
    const pause = new Pause();
    const isOver = watch(pause.wait(1_000));
    pause.hold();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(await isOver()).toBe(false);
    pause.end();
    expect(await isOver()).toBe(true);
  });

  it("of no time takes none", async () => {
    expect(await watch(new Pause().wait(0))()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of infinite time has no timer", async () => {
    const isOver = watch(new Pause().wait(Infinity));
    expect(vi.getTimerCount()).toBe(0);
    expect(await isOver()).toBe(false);
  });

  it("is not over at once when it is longer than a timer can be", async () => {
    const isOver = watch(new Pause().wait(2 ** 32));
    await vi.advanceTimersByTimeAsync(2 ** 30);
    expect(await isOver()).toBe(false);
  });
});

/** Whether a wait is over, asked at any later time. */
function watch(wait: Promise<void>): () => Promise<boolean> {
  let isOver = false;
  void wait.then(() => (isOver = true));
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return isOver;
  };
}
