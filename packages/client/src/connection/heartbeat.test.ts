import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat";

describe("a heartbeat", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each([
    ["the earliest", 0, 20_000],
    ["the middle", 0.5, 25_000],
    ["the latest", 1, 30_000],
  ])("pings every 25 s give or take a fifth, at %s", (_when, chance, everyMs) => {
    const { heartbeat, ping, onSilence } = heartbeatOf({ random: () => chance });
    heartbeat.start();
    for (const count of [1, 2, 3]) {
      vi.advanceTimersByTime(everyMs - 1);
      expect(ping).toHaveBeenCalledTimes(count - 1);
      vi.advanceTimersByTime(1);
      expect(ping).toHaveBeenCalledTimes(count);
      heartbeat.heard();
    }
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("finds the connection dead 10 s after a ping, within 40 s of the last message", () => {
    const { heartbeat, onSilence } = heartbeatOf({ random: () => 1 });
    heartbeat.start();
    vi.advanceTimersByTime(39_999);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence.mock.calls).toEqual([["ping"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes any message for an answer, and still pings at its time", () => {
    const { heartbeat, ping, onSilence } = heartbeatOf();
    heartbeat.start();
    vi.advanceTimersByTime(24_000);
    heartbeat.heard();
    vi.advanceTimersByTime(1_000);
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(9_999);
    heartbeat.heard();
    vi.advanceTimersByTime(25_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("pings no more often because many messages arrive", () => {
    const { heartbeat, ping } = heartbeatOf();
    heartbeat.start();
    for (let message = 0; message < 10_000; message++) {
      vi.advanceTimersByTime(10);
      heartbeat.heard();
    }
    expect(ping).toHaveBeenCalledTimes(4);
  });

  it("probes at once, and finds the connection dead 4 s after that", () => {
    const { heartbeat, ping, onSilence } = heartbeatOf();
    heartbeat.start();
    heartbeat.probe();
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_999);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence.mock.calls).toEqual([["probe"]]);
  });

  it("goes on after a probe that was answered", () => {
    const { heartbeat, ping, onSilence } = heartbeatOf();
    heartbeat.start();
    heartbeat.probe();
    heartbeat.heard();
    vi.advanceTimersByTime(25_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("gives a connection no more time by probing it again and again", () => {
    const { heartbeat, onSilence } = heartbeatOf();
    heartbeat.start();
    heartbeat.probe();
    vi.advanceTimersByTime(3_000);
    heartbeat.probe();
    vi.advanceTimersByTime(1_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("takes an upload that goes on for an answer: the pong comes behind it", () => {
    const upload = { unsentBytes: 0 };
    const { heartbeat, onSilence } = heartbeatOf({ unsentBytes: () => upload.unsentBytes });
    heartbeat.start();
    vi.advanceTimersByTime(24_000);
    heartbeat.measure(new Uint8Array(900_000));
    upload.unsentBytes = 900_000;
    heartbeat.measure();
    for (let second = 0; second < 22; second++) {
      vi.advanceTimersByTime(1_000);
      upload.unsentBytes = Math.max(0, upload.unsentBytes - 40_000);
    }
    vi.advanceTimersByTime(5_000);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("takes an upload that is refilled as it goes for an answer too", () => {
    const upload = { unsentBytes: 1_000_000 };
    const { heartbeat, onSilence } = heartbeatOf({ unsentBytes: () => upload.unsentBytes });
    heartbeat.start();
    for (let second = 0; second < 60; second++) {
      upload.unsentBytes -= 40_000;
      heartbeat.measure();
      upload.unsentBytes += 40_000;
      heartbeat.measure();
      vi.advanceTimersByTime(1_000);
    }
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("gives what the kernel has taken the time that a slow network needs", () => {
    const upload = { unsentBytes: 0 };
    const { heartbeat, onSilence } = heartbeatOf({ unsentBytes: () => upload.unsentBytes });
    heartbeat.start();
    vi.advanceTimersByTime(24_000);
    heartbeat.measure(new Uint8Array(900_000));
    upload.unsentBytes = 900_000;
    heartbeat.measure();
    // All at once, as over the loopback; its other end gets 40 kB/s.
    upload.unsentBytes = 0;
    heartbeat.measure();
    vi.advanceTimersByTime(25_000);
    expect(onSilence).not.toHaveBeenCalled();
    heartbeat.heard();
    vi.advanceTimersByTime(3_600_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("finds a connection dead within 70 s, however much was sent over it before", () => {
    const { heartbeat, onSilence } = heartbeatOf();
    heartbeat.start();
    for (let second = 0; second < 600; second++) {
      heartbeat.measure(new Uint8Array(1_000_000));
      heartbeat.heard();
      vi.advanceTimersByTime(1_000);
    }
    vi.advanceTimersByTime(70_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("takes no message that the kernel has taken since the ping for an answer", () => {
    const upload = { unsentBytes: 0 };
    const { heartbeat, onSilence } = heartbeatOf({ unsentBytes: () => upload.unsentBytes });
    heartbeat.start();
    for (let second = 0; second < 36; second++) {
      heartbeat.measure(new Uint8Array(100));
      upload.unsentBytes = 100;
      heartbeat.measure();
      vi.advanceTimersByTime(500);
      upload.unsentBytes = 0;
      vi.advanceTimersByTime(500);
    }
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("finds a connection dead that takes no bytes, however many wait", () => {
    const { heartbeat, onSilence } = heartbeatOf({ unsentBytes: () => 900_000 });
    heartbeat.start();
    vi.advanceTimersByTime(100_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("pings again before it finds a connection dead at a deadline that fires late", () => {
    const { heartbeat, ping, onSilence } = heartbeatOf();
    heartbeat.start();
    vi.advanceTimersByTime(25_000);
    // A suspended process: its timers stand still, and the clocks do not.
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 3_600_000);
    vi.advanceTimersByTime(10_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(onSilence).not.toHaveBeenCalled();
    heartbeat.heard();
    vi.restoreAllMocks();
    vi.advanceTimersByTime(20_000);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it("finds a connection dead in a throttled tab, where all deadlines fire late", () => {
    const { heartbeat, onSilence } = heartbeatOf();
    heartbeat.start();
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() * 6);
    vi.advanceTimersByTime(60_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it("is in doubt while a probe is unanswered, not while a ping is, and tells when it is no more", () => {
    const { heartbeat, onCertain } = heartbeatOf();
    expect(heartbeat.isInDoubt).toBe(false);
    heartbeat.start();
    vi.advanceTimersByTime(25_000);
    expect(heartbeat.isInDoubt).toBe(false);
    heartbeat.heard();
    expect(onCertain).not.toHaveBeenCalled();
    heartbeat.probe();
    expect(heartbeat.isInDoubt).toBe(true);
    heartbeat.heard();
    expect(heartbeat.isInDoubt).toBe(false);
    expect(onCertain).toHaveBeenCalledTimes(1);
  });

  it("is in doubt without a network, until the connection answers all the same", () => {
    const { heartbeat, ping, onSilence, onCertain } = heartbeatOf();
    heartbeat.doubt();
    expect(heartbeat.isInDoubt).toBe(false);
    heartbeat.start();
    heartbeat.doubt();
    expect(ping).toHaveBeenCalledTimes(1);
    expect(heartbeat.isInDoubt).toBe(true);
    vi.advanceTimersByTime(20_000);
    expect(onSilence).not.toHaveBeenCalled();
    heartbeat.heard();
    expect(heartbeat.isInDoubt).toBe(false);
    expect(onCertain).toHaveBeenCalledTimes(1);
  });

  it("is in doubt after a silence of two pings by the wall clock, and finds out at once", () => {
    const { heartbeat, ping, onCertain } = heartbeatOf();
    heartbeat.start();
    // A machine that has slept: its timers and its monotonic clock have, too.
    vi.setSystemTime(Date.now() + 50_001);
    expect(heartbeat.isInDoubt).toBe(true);
    expect(ping).toHaveBeenCalledTimes(1);
    heartbeat.heard();
    expect(heartbeat.isInDoubt).toBe(false);
    expect(onCertain).toHaveBeenCalledTimes(1);
  });

  it("does nothing without a connection, and leaves no timer", () => {
    const { heartbeat, ping } = heartbeatOf();
    heartbeat.probe();
    heartbeat.start();
    heartbeat.probe();
    heartbeat.stop();
    heartbeat.heard();
    heartbeat.probe();
    heartbeat.doubt();
    expect(ping).toHaveBeenCalledTimes(1);
    expect(heartbeat.isInDoubt).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

function heartbeatOf(options: Partial<HeartbeatOptions> = {}) {
  const [ping, onSilence, onCertain] = [vi.fn(), vi.fn(), vi.fn()];
  const unsentBytes = () => 0;
  const own = { ping, onSilence, onCertain, unsentBytes, random: () => 0.5 };
  return { heartbeat: new Heartbeat({ ...own, ...options }), ping, onSilence, onCertain };
}
