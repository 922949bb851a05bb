import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Liveness, type LivenessOptions } from "./heartbeat";

describe("the life of a connection", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ["the earliest", 0, 20_000],
    ["the middle", 0.5, 25_000],
    ["the latest", 1, 30_000],
  ])("is asked for a sign every 25 s give or take a fifth, at %s", (_when, chance, everyMs) => {
    const { liveness, ping, onSilence } = livenessOf({ random: () => chance });
    liveness.start();
    for (const count of [1, 2, 3]) {
      vi.advanceTimersByTime(everyMs - 1);
      expect(ping).toHaveBeenCalledTimes(count - 1);
      vi.advanceTimersByTime(1);
      expect(ping).toHaveBeenCalledTimes(count);
      liveness.heard();
    }
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("is over 10 s after a sign was asked for, which is within 40 s of the last one", () => {
    const { liveness, onSilence } = livenessOf({ random: () => 1 });
    liveness.start();
    vi.advanceTimersByTime(39_999);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence.mock.calls).toEqual([["ping"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is shown by anything that comes, and still asked for at its time", () => {
    const { liveness, ping, onSilence } = livenessOf();
    liveness.start();
    vi.advanceTimersByTime(24_000);
    liveness.heard();
    vi.advanceTimersByTime(1_000);
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(9_999);
    liveness.heard();
    vi.advanceTimersByTime(25_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("is probed at once, and over 4 s after that", () => {
    const { liveness, ping, onSilence } = livenessOf();
    liveness.start();
    liveness.probe();
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_999);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence.mock.calls).toEqual([["probe"]]);
  });

  it("goes on after a probe that was answered", () => {
    const { liveness, ping, onSilence } = livenessOf();
    liveness.start();
    liveness.probe();
    liveness.heard();
    vi.advanceTimersByTime(25_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("is not given more time by probing it again and again", () => {
    const { liveness, onSilence } = livenessOf();
    liveness.start();
    liveness.probe();
    vi.advanceTimersByTime(3_000);
    liveness.probe();
    vi.advanceTimersByTime(1_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("is over where no greeting comes in time, whatever else does", () => {
    const { liveness, onSilence } = livenessOf();
    liveness.start(4_000);
    vi.advanceTimersByTime(3_999);
    liveness.heard();
    vi.advanceTimersByTime(1);
    expect(onSilence.mock.calls).toEqual([["greeting"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on after the greeting", () => {
    const { liveness, onSilence } = livenessOf();
    liveness.start(4_000);
    liveness.greeted();
    vi.advanceTimersByTime(20_000);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("is not asked for without a connection, and leaves no timer", () => {
    const { liveness, ping } = livenessOf();
    liveness.probe();
    liveness.start(4_000);
    liveness.probe();
    liveness.stop();
    liveness.heard();
    liveness.probe();
    expect(ping).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

function livenessOf(options: Partial<LivenessOptions> = {}) {
  const [ping, onSilence] = [vi.fn(), vi.fn()];
  return {
    liveness: new Liveness({ ping, onSilence, random: () => 0.5, ...options }),
    ping,
    onSilence,
  };
}
