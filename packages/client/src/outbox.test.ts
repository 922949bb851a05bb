import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HoldOptions } from "./options";
import { type Letter, lineState, type LineState, MAX_UNSENT_BYTES, Outbox } from "./outbox";

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

/** An outbox with a line that is down at first, and notes what it is given. */
function outboxOf(bounds?: HoldOptions) {
  const line = {
    state: "down" as LineState,
    sent: [] as unknown[],
    dropped: [] as string[],
    onSend: () => {},
  };
  const outbox = new Outbox(bounds, {
    state: () => line.state,
    send(message) {
      line.sent.push(message);
      line.onSend();
    },
    onDrop: ({ message }, reason) => line.dropped.push(`${String(message)} ${reason}`),
  });
  return { outbox, line, send: (message: string) => outbox.send({ message }) };
}

function letterOf(message: string) {
  return { message, onSent: vi.fn(), onDropped: vi.fn() } satisfies Letter;
}
