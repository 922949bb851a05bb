import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HoldOptions } from "../connection/options";
import {
  type Letter,
  type Line,
  lineState,
  type LineState,
  MAX_UNSENT_BYTES,
  Outbox,
} from "./send-queue";

describe("what is held", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is sent in its order when the line is clear, and nothing overtakes it", () => {
    const { outbox, line, send } = outboxOf();
    expect(send("one")).toBe("held");
    line.state = "clear";
    expect(send("two")).toBe("held");
    outbox.flush();
    expect(send("three")).toBe("sent");
    expect(line.sent).toEqual(["one", "two", "three"]);
    expect(outbox.bytes).toBe(0);
  });

  it("stays when the line goes down in the middle, and goes on from there", () => {
    const { outbox, line, send } = outboxOf();
    for (const text of ["one", "two", "three"]) send(text);
    line.state = "clear";
    line.onSend = () => (line.state = "down");
    outbox.flush();
    expect(line.sent).toEqual(["one"]);
    line.state = "clear";
    outbox.flush();
    expect(line.sent).toEqual(["one", "two"]);
    line.state = "clear";
    outbox.flush();
    expect(line.sent).toEqual(["one", "two", "three"]);
  });

  it("loses the newest at its bound", () => {
    const { line, send } = outboxOf({ messages: 2 });
    expect(["one", "two", "three"].map(send)).toEqual(["held", "held", "dropped"]);
    expect(line.dropped).toEqual(["three full"]);
  });

  it("loses the oldest at its bound where that is asked for", () => {
    const { outbox, line, send } = outboxOf({ messages: 2, refuse: "oldest" });
    expect(["one", "two", "three", "four"].map(send)).toEqual(Array(4).fill("held"));
    expect(line.dropped).toEqual(["one full", "two full"]);
    line.state = "clear";
    outbox.flush();
    expect(line.sent).toEqual(["three", "four"]);
  });

  it("is bounded in bytes, and makes room for one by as many as it takes", () => {
    const { line, outbox, send } = outboxOf({ bytes: 10, refuse: "oldest" });
    for (const text of ["four", "fo", "ééé"]) send(text);
    expect(outbox.bytes).toBe(8);
    expect(line.dropped).toEqual(["four full"]);
    expect(send("123456789")).toBe("held");
    expect(line.dropped).toEqual(["four full", "fo full", "ééé full"]);
  });

  it("gives way to nothing that would not fit in any case", () => {
    const { line, send } = outboxOf({ bytes: 10, refuse: "oldest" });
    send("small");
    expect(send("12345678901")).toBe("dropped");
    expect(line.dropped).toEqual(["12345678901 full"]);
  });

  it.each(["newest", "oldest"] as const)("is nothing where 0 may be held (%s)", (refuse) => {
    const { send } = outboxOf({ messages: 0, refuse });
    expect(send("")).toBe("dropped");
  });

  it("is 1,000 messages and 1 MiB by default, text as UTF-8", () => {
    const many = outboxOf();
    const results = Array.from({ length: 1_001 }, () => many.send(""));
    expect(results.indexOf("dropped")).toBe(1_000);
    const large = outboxOf();
    expect(large.send("é".repeat(2 ** 19))).toBe("held");
    expect(large.send("x")).toBe("dropped");
    expect(large.send("")).toBe("held");
  });

  it("tells each letter, once, what became of it", () => {
    const { outbox, line } = outboxOf({ messages: 1 });
    const [first, second] = [letterOf("one"), letterOf("two")];
    outbox.send(first);
    outbox.send(second);
    line.state = "clear";
    outbox.flush();
    expect(first.onSent).toHaveBeenCalledTimes(1);
    expect(first.onDropped).not.toHaveBeenCalled();
    expect(second.onSent).not.toHaveBeenCalled();
    expect(second.onDropped).toHaveBeenCalledTimes(1);
  });

  it("can be taken back, and is then neither sent nor dropped", () => {
    const { outbox, line, send } = outboxOf();
    const letter = letterOf("one");
    outbox.send(letter);
    send("two");
    outbox.remove(letter);
    outbox.remove(letter);
    expect(outbox.bytes).toBe(3);
    expect(outbox.drain().map(({ message }) => message)).toEqual(["two"]);
    expect(outbox.drain()).toEqual([]);
    expect(line.dropped).toEqual([]);
  });

  it("waits while the network takes no more, and goes when it does", () => {
    const { line, send } = outboxOf();
    line.state = "busy";
    expect(send("one")).toBe("held");
    send("two");
    vi.advanceTimersByTime(1_000);
    expect(line.sent).toEqual([]);
    line.state = "clear";
    vi.advanceTimersByTime(50);
    expect(line.sent).toEqual(["one", "two"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not look at a line that is down", () => {
    const { line, send } = outboxOf();
    line.state = "busy";
    send("one");
    line.state = "down";
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

  const wait = (message: string): Letter => ({ message, mayWait: true });

  it("leaves with them, as one message, when its window ends", () => {
    const { outbox, line } = outboxOf({}, { batchMs: 10, state: "clear" });
    expect(["one", "two"].map((text) => outbox.send(wait(text)))).toEqual(["held", "held"]);
    vi.advanceTimersByTime(9);
    expect(line.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(line.sent).toEqual(["one\ntwo"]);
    outbox.send(wait("three"));
    vi.advanceTimersByTime(10);
    expect(line.sent).toEqual(["one\ntwo", "three"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is taken along by what does not wait, and told", () => {
    const { outbox, line } = outboxOf({}, { batchMs: 10, state: "clear" });
    const letters = [{ ...letterOf("event"), mayWait: true }, letterOf("call")] as const;
    expect(letters.map((letter) => outbox.send(letter))).toEqual(["held", "sent"]);
    expect(line.sent).toEqual(["event\ncall"]);
    for (const { onSent } of letters) expect(onSent).toHaveBeenCalledTimes(1);
  });

  it("goes before bytes, which are a message of their own", () => {
    const { outbox, line } = outboxOf({}, { batchMs: 10, state: "clear" });
    const bytes = new Uint8Array([1]);
    outbox.send(wait("one"));
    outbox.send({ message: bytes });
    outbox.send(wait("two"));
    vi.advanceTimersByTime(10);
    expect(line.sent).toEqual(["one", bytes, "two"]);
  });

  it("is sent at once where more would be too much, and never dropped for it", () => {
    const { outbox, line } = outboxOf({ messages: 2 }, { batchMs: 10, state: "clear" });
    for (const text of ["one", "two", "three"]) outbox.send(wait(text));
    expect(line.sent).toEqual(["one\ntwo"]);
    const none = outboxOf({ messages: 0 }, { batchMs: 10, state: "clear" });
    expect(none.outbox.send(wait("one"))).toBe("sent");
    const large = outboxOf({}, { batchMs: 10, state: "clear" });
    large.outbox.send(wait("small"));
    large.outbox.send(wait("x".repeat(65_536)));
    expect(large.line.sent).toEqual(["small", "x".repeat(65_536)]);
    expect([...line.dropped, ...none.line.dropped, ...large.line.dropped]).toEqual([]);
  });

  it("is joined with 1,023 others at most: a room takes no more frames in a message", () => {
    const hold = { messages: 10_000 };
    const { outbox, line } = outboxOf(hold, { batchMs: 10, state: "down" });
    const count = 2 * 1_024 + 1;
    for (let number = 0; number < count; number += 1) outbox.send(wait("[]"));
    line.state = "clear";
    outbox.flush();
    for (let number = 0; number < count; number += 1) outbox.send(wait("[]"));
    vi.advanceTimersByTime(10);
    const frames = line.sent.map((message) => String(message).split("\n").length);
    expect(frames).toEqual([1_024, 1_024, 1, 1_024, 1_024, 1]);
  });

  it("is held on while the line is down, and joined when it is clear", () => {
    const { outbox, line } = outboxOf({}, { batchMs: 10, state: "clear" });
    outbox.send(wait("one"));
    line.state = "down";
    vi.advanceTimersByTime(10);
    outbox.send({ message: "two" });
    expect(line.sent).toEqual([]);
    line.state = "clear";
    outbox.flush();
    expect(line.sent).toEqual(["one\ntwo"]);
  });

  it("is neither lost nor doubled nor reordered, whatever happens to the line", () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("event", "call") },
      { weight: 1, arbitrary: fc.constantFrom("clear", "busy", "down", "flush", "wait") },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { outbox, line } = outboxOf({}, { batchMs: 10, state: "clear" });
        const given: string[] = [];
        for (const kind of steps) {
          if (kind === "event" || kind === "call") {
            given.push(`${kind} ${given.length}`);
            outbox.send({ message: given.at(-1)!, mayWait: kind === "event" });
          } else if (kind === "flush") outbox.flush();
          else if (kind === "wait") vi.advanceTimersByTime(60);
          else line.state = kind;
        }
        line.state = "clear";
        outbox.flush();
        expect(line.sent.flatMap((text) => String(text).split("\n"))).toEqual(given);
      }),
    );
  });

  it.each([-1, 1_001, Number.NaN, Infinity])("does not do so for %d ms", (batchMs) => {
    expect(() => outboxOf({}, { batchMs })).toThrow(RangeError);
  });
});

describe("a line", () => {
  it.each([
    [0, 0, "down"],
    [1, 0, "clear"],
    [1, MAX_UNSENT_BYTES, "clear"],
    [1, MAX_UNSENT_BYTES + 1, "busy"],
    [2, 0, "down"],
    [3, 0, "down"],
  ])("to a socket in state %d with %d bytes unsent is %s", (readyState, bufferedAmount, state) => {
    expect(lineState({ readyState, bufferedAmount })).toBe(state);
  });
});

/** An outbox with a line that notes what it is given. It is down at first, or else as is said. */
function outboxOf(
  bounds?: HoldOptions,
  { batchMs, state = "down" }: { batchMs?: number; state?: LineState } = {},
) {
  const line = {
    state,
    sent: [] as unknown[],
    dropped: [] as string[],
    onSend: () => {},
  };
  const ends: Line = {
    state: () => line.state,
    send(message) {
      line.sent.push(message);
      line.onSend();
    },
    onDrop: ({ message }, reason) => line.dropped.push(`${String(message)} ${reason}`),
  };
  const outbox = new Outbox(bounds, ends, batchMs);
  return { outbox, line, send: (message: string) => outbox.send({ message }) };
}

function letterOf(message: string) {
  return { message, onSent: vi.fn(), onDropped: vi.fn() } satisfies Letter;
}
