import { describe, expect, it, vi } from "vitest";
import { EventStream } from "./events";

describe("a stream of events", () => {
  it("gives those that come to those who wait, in order", async () => {
    const stream = new EventStream<number>(10, () => {});
    const both = Promise.all([stream.next(), stream.next()]);
    stream.push(1);
    stream.push(2);
    stream.push(3);
    expect(await both).toEqual([
      { value: 1, done: false },
      { value: 2, done: false },
    ]);
    expect(await stream.next()).toEqual({ value: 3, done: false });
  });

  it("does not let anyone wait for what will not come", async () => {
    const onEnd = vi.fn();
    const stream = new EventStream<number>(10, onEnd);
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    stream.end();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it("takes nothing more once there was one too many, and says so once", async () => {
    const onEnd = vi.fn();
    const stream = new EventStream<number>(1, onEnd);
    stream.push(1);
    stream.push(2);
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(await stream.next()).toEqual({ value: 1, done: false });
    await expect(stream.next()).rejects.toMatchObject({ code: "too_slow" });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });
});
