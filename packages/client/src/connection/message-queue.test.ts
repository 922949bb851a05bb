import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  MAX_UNSENT_BYTES,
  RawQueue,
  type QueuedMessage,
  type Transport,
  transportState,
  type TransportState,
} from "./message-queue";
import type { QueueOptions } from "./options";

describe("what is held", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is sent in its order when the transport is writable, and nothing overtakes it", () => {
    const { queue, transport, send } = queueOf();
    expect(send("one")).toBe("held");
    transport.state = "writable";
    expect(send("two")).toBe("sent");
    expect(send("three")).toBe("sent");
    expect(transport.sent).toEqual(["one", "two", "three"]);
    expect(queue.bytes).toBe(0);
  });

  it("stays when the transport goes down in the middle, and goes on from there", () => {
    const { queue, transport, send } = queueOf();
    for (const text of ["one", "two", "three"]) send(text);
    transport.state = "writable";
    transport.onSend = () => (transport.state = "closed");
    queue.flush();
    expect(transport.sent).toEqual(["one"]);
    transport.state = "writable";
    queue.flush();
    expect(transport.sent).toEqual(["one", "two"]);
    transport.state = "writable";
    queue.flush();
    expect(transport.sent).toEqual(["one", "two", "three"]);
  });

  it("loses the newest at its bound", () => {
    const { transport, send } = queueOf({ maxMessages: 2 });
    expect(["one", "two", "three"].map(send)).toEqual(["held", "held", "dropped"]);
    expect(transport.dropped).toEqual(["three full"]);
  });

  it("loses the oldest at its bound where that is asked for", () => {
    const { queue, transport, send } = queueOf({ maxMessages: 2, overflow: "oldest" });
    expect(["one", "two", "three", "four"].map(send)).toEqual(Array(4).fill("held"));
    expect(transport.dropped).toEqual(["one full", "two full"]);
    transport.state = "writable";
    queue.flush();
    expect(transport.sent).toEqual(["three", "four"]);
  });

  it("is bounded in bytes, and makes room for one by as many as it takes", () => {
    const { transport, queue, send } = queueOf({ maxBytes: 10, overflow: "oldest" });
    for (const text of ["four", "fo", "ééé"]) send(text);
    expect(queue.bytes).toBe(8);
    expect(transport.dropped).toEqual(["four full"]);
    expect(send("123456789")).toBe("held");
    expect(transport.dropped).toEqual(["four full", "fo full", "ééé full"]);
  });

  it("gives way to nothing that would not fit in any case", () => {
    const { transport, send } = queueOf({ maxBytes: 10, overflow: "oldest" });
    send("small");
    expect(send("12345678901")).toBe("dropped");
    expect(transport.dropped).toEqual(["12345678901 full"]);
  });

  it.each(["newest", "oldest"] as const)("is nothing where 0 may be held (%s)", (overflow) => {
    const { send } = queueOf({ maxMessages: 0, overflow });
    expect(send("")).toBe("dropped");
  });

  it("is 1,000 messages and 1 MiB by default, text as UTF-8", () => {
    const many = queueOf();
    const results = Array.from({ length: 1_001 }, () => many.send(""));
    expect(results.indexOf("dropped")).toBe(1_000);
    const large = queueOf();
    expect(large.send("é".repeat(2 ** 19))).toBe("held");
    expect(large.send("x")).toBe("dropped");
    expect(large.send("")).toBe("held");
  });

  it("can be taken back, and is then neither sent nor dropped", () => {
    const { queue, transport, send } = queueOf();
    const message = { message: "one" };
    queue.send(message);
    send("two");
    queue.remove(message);
    queue.remove(message);
    expect(queue.bytes).toBe(3);
    expect(queue.drain().map(({ message }) => message)).toEqual(["two"]);
    expect(queue.drain()).toEqual([]);
    expect(transport.dropped).toEqual([]);
  });

  it("waits while the network takes no more, and goes when it does", () => {
    const { transport, send } = queueOf();
    transport.state = "congested";
    expect(send("one")).toBe("held");
    send("two");
    vi.advanceTimersByTime(1_000);
    expect(transport.sent).toEqual([]);
    transport.state = "writable";
    vi.advanceTimersByTime(50);
    expect(transport.sent).toEqual(["one", "two"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not look at a transport that is down", () => {
    const { transport, send } = queueOf();
    transport.state = "congested";
    send("one");
    transport.state = "closed";
    vi.advanceTimersByTime(50);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a transport", () => {
  it.each([
    [0, 0, "closed"],
    [1, 0, "writable"],
    [1, MAX_UNSENT_BYTES, "writable"],
    [1, MAX_UNSENT_BYTES + 1, "congested"],
    [2, 0, "closed"],
    [3, 0, "closed"],
  ])("to a socket in state %d with %d bytes unsent is %s", (readyState, bufferedAmount, state) => {
    expect(transportState({ readyState, bufferedAmount })).toBe(state);
  });
});

/** A queue with a transport that notes what it is given. It is down at first. */
function queueOf(bounds?: QueueOptions) {
  const transport = {
    state: "closed" as TransportState,
    sent: [] as unknown[],
    dropped: [] as string[],
    onSend: () => {},
  };
  const ends: Transport<QueuedMessage> = {
    state: () => transport.state,
    send(message) {
      transport.sent.push(message);
      transport.onSend();
    },
    onDrop: ({ message }, reason) => transport.dropped.push(`${String(message)} ${reason}`),
  };
  const queue = new RawQueue(bounds, ends);
  return { queue, transport, send: (message: string) => queue.send({ message }) };
}
