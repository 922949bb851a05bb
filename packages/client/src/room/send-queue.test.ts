import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Transport, TransportState } from "../connection/message-queue";
import type { QueueOptions } from "../connection/options";
import { type QueuedFrame, SendQueue } from "./send-queue";

describe("a frame", () => {
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
});

describe("what may wait for others", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const wait = (message: string): QueuedFrame => ({ message, mayWait: true });

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

/** A queue with a transport that notes what it is given. It is down at first, or else as is said. */
function queueOf(
  bounds?: QueueOptions,
  { batchMs = 0, state = "closed" }: { batchMs?: number; state?: TransportState } = {},
) {
  const transport = {
    state,
    sent: [] as unknown[],
    dropped: [] as string[],
  };
  const ends: Transport<QueuedFrame> = {
    state: () => transport.state,
    send: (message) => void transport.sent.push(message),
    onDrop: ({ message }, reason) => transport.dropped.push(`${String(message)} ${reason}`),
  };
  const queue = new SendQueue(bounds, ends, batchMs);
  return { queue, transport };
}

function messageOf(message: string) {
  return { message, onSent: vi.fn(), onDropped: vi.fn() } satisfies QueuedFrame;
}
