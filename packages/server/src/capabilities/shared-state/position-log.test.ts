import { describe, expect, it } from "vitest";
import { PositionLog } from "./position-log";

const empty = { horizon: 0, runs: [], schemaVersion: 1 };

describe("the log of positions", () => {
  it("knows the positions of every run, each in its own versions", () => {
    const first = new PositionLog(empty, "one");
    expect(first.begin(1)).toBe(true);
    expect(first.begin(2)).toBe(false);
    const second = new PositionLog(first.stored, "two");
    expect(second.begin(5)).toBe(true);
    const known = (position: string) => second.versionOf(position, 7);
    expect([known("one.1"), known("one.4"), known("two.5"), known("two.7")]).toEqual([1, 4, 5, 7]);
    expect([known("one.5"), known("two.4"), known("two.8"), known("three.5")]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("takes nothing else for a position", () => {
    const log = new PositionLog(empty, "one");
    log.begin(1);
    for (const text of [
      "",
      ".",
      ".0",
      "one",
      "one.",
      "one.-1",
      "one.1.1",
      "one.1e0",
      " one.1",
      "one.1\n",
      "one.0x1",
    ]) {
      expect(log.versionOf(text, 9)).toBeUndefined();
    }
    expect(log.versionOf(`one.${"9".repeat(20)}`, 9)).toBeUndefined();
  });

  it("does not know a position from before the deletions that it has forgotten", () => {
    const log = new PositionLog(empty, "one");
    log.begin(1);
    expect(log.begin(6, { horizon: 4 })).toBe(true);
    expect([log.versionOf("one.3", 9), log.versionOf("one.4", 9)]).toEqual([undefined, 4]);
    expect(log.begin(7, { horizon: 4 })).toBe(false);
  });

  it("forgets the oldest of very many runs", () => {
    let stored: PositionLog["stored"] = empty;
    for (let version = 1; version <= 100; version += 1) {
      const log = new PositionLog(stored, `run${version}`);
      log.begin(version);
      ({ stored } = log);
    }
    const log = new PositionLog(stored, "next");
    expect(stored.runs).toHaveLength(32);
    expect([log.versionOf("run100.100", 100), log.versionOf("run69.69", 100)]).toEqual([100, 69]);
    expect(log.versionOf("run68.68", 100)).toBeUndefined();
  });

  it("is the same run again after a rollback", () => {
    const log = new PositionLog(empty, "one");
    log.begin(1);
    const { stored } = log;
    const copy = log.copy();
    log.begin(2, { horizon: 1 });
    expect(copy.stored).toBe(stored);
    expect(new PositionLog(stored, "one").begin(2)).toBe(false);
  });
});
