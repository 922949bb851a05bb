import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QueueOptions } from "../connection/options";
import {
  MAX_UNSENT_BYTES,
  type QueuedMessage,
  SendQueue,
  type Transport,
  transportState,
  type TransportState,
} from "./send-queue";

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

  it("tells each message, once, what became of it", () => {
    const { queue, transport } = queueOf({ maxMessages: 1 });
    const [first, second] = [messageOf("one"), messageOf("two")];
    queue.send(first);
    queue.send(second);
    transport.state = "writable";
    queue.flush();
    expect(first.onSent).toHaveBeenCalledTimes(1);
    expect(first.onDropped).not.toHaveBeenCalled();
    expect(second.onSent).not.toHaveBeenCalled();
    expect(second.onDropped).toHaveBeenCalledTimes(1);
  });

  it("can be taken back, and is then neither sent nor dropped", () => {
    const { queue, transport, send } = queueOf();
    const message = messageOf("one");
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

describe("what may wait for others", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const wait = (message: string): QueuedMessage => ({ message, mayWait: true });

  it("leaves with them, as one message, when its window ends", () => {
    const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
    expect(["one", "two"].map((text) => queue.send(wait(text)))).toEqual(["held", "held"]);
    vi.advanceTimersByTime(9);
    expect(transport.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(transport.sent).toEqual(["one\ntwo"]);
    queue.send(wait("three"));
    vi.advanceTimersByTime(10);
    expect(transport.sent).toEqual(["one\ntwo", "three"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is taken along by what does not wait, and told", () => {
    const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
    const messages = [{ ...messageOf("event"), mayWait: true }, messageOf("call")] as const;
    expect(messages.map((message) => queue.send(message))).toEqual(["held", "sent"]);
    expect(transport.sent).toEqual(["event\ncall"]);
    for (const { onSent } of messages) expect(onSent).toHaveBeenCalledTimes(1);
  });

  it("goes before bytes, which are a message of their own", () => {
    const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
    const bytes = new Uint8Array([1]);
    queue.send(wait("one"));
    queue.send({ message: bytes });
    queue.send(wait("two"));
    vi.advanceTimersByTime(10);
    expect(transport.sent).toEqual(["one", bytes, "two"]);
  });

  it("is sent at once where more would be too much, and never dropped for it", () => {
    const { queue, transport } = queueOf({ maxMessages: 2 }, { batchMs: 10, state: "writable" });
    for (const text of ["one", "two", "three"]) queue.send(wait(text));
    expect(transport.sent).toEqual(["one\ntwo"]);
    const none = queueOf({ maxMessages: 0 }, { batchMs: 10, state: "writable" });
    expect(none.queue.send(wait("one"))).toBe("sent");
    const large = queueOf({}, { batchMs: 10, state: "writable" });
    large.queue.send(wait("small"));
    large.queue.send(wait("x".repeat(65_536)));
    expect(large.transport.sent).toEqual(["small", "x".repeat(65_536)]);
    expect([...transport.dropped, ...none.transport.dropped, ...large.transport.dropped]).toEqual(
      [],
    );
  });

  it("is joined with 1,023 others at most: a room takes no more frames in a message", () => {
    const bounds = { maxMessages: 10_000 };
    const { queue, transport } = queueOf(bounds, { batchMs: 10, state: "closed" });
    const count = 2 * 1_024 + 1;
    for (let number = 0; number < count; number += 1) queue.send(wait("[]"));
    transport.state = "writable";
    queue.flush();
    for (let number = 0; number < count; number += 1) queue.send(wait("[]"));
    vi.advanceTimersByTime(10);
    const frames = transport.sent.map((message) => String(message).split("\n").length);
    expect(frames).toEqual([1_024, 1_024, 1, 1_024, 1_024, 1]);
  });

  it("leaves at the end of the task by default, as one message, and counts as sent", async () => {
    const { queue, transport } = queueOf({}, { batchMs: 0, state: "writable" });
    expect(["one", "two"].map((text) => queue.send(wait(text)))).toEqual(["sent", "sent"]);
    expect([transport.sent, vi.getTimerCount()]).toEqual([[], 0]);
    await Promise.resolve();
    expect(transport.sent).toEqual(["one\ntwo"]);
    queue.send(wait("three"));
    queue.send({ message: "call" });
    expect(transport.sent).toEqual(["one\ntwo", "three\ncall"]);
    await Promise.resolve();
    queue.send(wait("four"));
    await Promise.resolve();
    expect(transport.sent).toEqual(["one\ntwo", "three\ncall", "four"]);
  });

  it("is held behind what cannot be sent yet, in its task too", async () => {
    const { queue, transport } = queueOf({}, { batchMs: 0, state: "writable" });
    let isReady = false;
    queue.send(wait("one"));
    expect(queue.send({ message: "call", prepare: () => isReady })).toBe("held");
    expect(["two", "three"].map((text) => queue.send(wait(text)))).toEqual(["held", "held"]);
    await Promise.resolve();
    expect(transport.sent).toEqual(["one"]);
    isReady = true;
    queue.flush();
    expect(transport.sent).toEqual(["one", "call\ntwo\nthree"]);
    expect(queue.send(wait("four"))).toBe("sent");
    await Promise.resolve();
    expect(transport.sent.at(-1)).toBe("four");
  });

  it("is held on while the transport is down, and joined when it is writable", () => {
    const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
    queue.send(wait("one"));
    transport.state = "closed";
    vi.advanceTimersByTime(10);
    queue.send({ message: "two" });
    expect(transport.sent).toEqual([]);
    transport.state = "writable";
    queue.flush();
    expect(transport.sent).toEqual(["one\ntwo"]);
  });

  it("is neither lost nor doubled nor reordered, whatever happens to the line", () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("event", "call") },
      { weight: 1, arbitrary: fc.constantFrom("writable", "congested", "closed", "flush", "wait") },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
        const given: string[] = [];
        for (const kind of steps) {
          if (kind === "event" || kind === "call") {
            given.push(`${kind} ${given.length}`);
            queue.send({ message: given.at(-1)!, mayWait: kind === "event" });
          } else if (kind === "flush") queue.flush();
          else if (kind === "wait") vi.advanceTimersByTime(60);
          else transport.state = kind;
        }
        transport.state = "writable";
        queue.flush();
        expect(transport.sent.flatMap((text) => String(text).split("\n"))).toEqual(given);
      }),
    );
  });

  it("leaves at once when the page does, and no listener stays", () => {
    const listeners = new Set<() => void>();
    vi.stubGlobal("addEventListener", (_name: string, run: () => void) => listeners.add(run));
    vi.stubGlobal("removeEventListener", (_name: string, run: () => void) => listeners.delete(run));
    const { queue, transport } = queueOf({}, { batchMs: 10, state: "writable" });
    queue.send(wait("one"));
    for (const run of listeners) run();
    expect(transport.sent).toEqual(["one"]);
    queue.send(wait("two"));
    queue.drain();
    expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
    vi.unstubAllGlobals();
  });

  it.each([-1, 1_001, Number.NaN, Infinity])("does not do so for %d ms", (batchMs) => {
    expect(() => queueOf({}, { batchMs })).toThrow(RangeError);
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

/** An queue with a transport that notes what it is given. It is down at first, or else as is said. */
function queueOf(
  bounds?: QueueOptions,
  { batchMs, state = "closed" }: { batchMs?: number; state?: TransportState } = {},
) {
  const transport = {
    state,
    sent: [] as unknown[],
    dropped: [] as string[],
    onSend: () => {},
  };
  const ends: Transport = {
    state: () => transport.state,
    send(message) {
      transport.sent.push(message);
      transport.onSend();
    },
    onDrop: ({ message }, reason) => transport.dropped.push(`${String(message)} ${reason}`),
  };
  const queue = new SendQueue(bounds, ends, batchMs);
  return { queue, transport, send: (message: string) => queue.send({ message }) };
}

function messageOf(message: string) {
  return { message, onSent: vi.fn(), onDropped: vi.fn() } satisfies QueuedMessage;
}
