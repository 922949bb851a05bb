import { describe, expect, it, vi } from "vitest";
import { Emitter } from "./emitter";

describe("an emitter", () => {
  it("calls a listener as often as it was added", () => {
    const emitter = new Emitter();
    const listener = vi.fn();
    const stop = emitter.on("a", listener);
    emitter.on("a", listener);
    emitter.emit("a", 1, 2);
    expect(listener.mock.calls).toEqual([
      [1, 2],
      [1, 2],
    ]);
    stop();
    stop();
    emitter.emit("a");
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it("does not call one that was taken off by another in the same turn, nor one added then", () => {
    const emitter = new Emitter();
    const [removed, added] = [vi.fn(), vi.fn()];
    emitter.on("a", () => {
      stop();
      emitter.on("a", added);
    });
    const stop = emitter.on("a", removed);
    emitter.emit("a");
    expect(removed).not.toHaveBeenCalled();
    expect(added).not.toHaveBeenCalled();
    emitter.emit("a");
    expect(added).toHaveBeenCalledTimes(1);
  });

  it("throws what a listener threw later, where there is no reportError", async () => {
    const emitter = new Emitter();
    const failure = new Error("a listener's");
    vi.stubGlobal("reportError", undefined);
    const uncaught = new Promise((resolve) => {
      vi.stubGlobal("queueMicrotask", (task: () => void) => {
        try {
          task();
        } catch (error) {
          resolve(error);
        }
      });
    });
    emitter.on("a", () => {
      throw failure;
    });
    emitter.emit("a");
    vi.unstubAllGlobals();
    expect(await uncaught).toBe(failure);
  });
});
