import { MAX_KEPT_CALLS_LENGTH, type WireOnce } from "@partyflare/shared/internal";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { operation, type SentOperation } from "../../test/operation";
import type { QueueOptions } from "../connection/options";
import { Calls } from "./calls";
import type { QueuedMessage, TransportState } from "../connection/message-queue";
import { SendQueue } from "./send-queue";

const ONCE = { calls: ["post"], since: "e.0" };

type CallFrame = [name: "$call", id: number, call: string, input: unknown, SentOperation];

function framesIn(message: QueuedMessage["message"]): CallFrame[] {
  return String(message)
    .split("\n")
    .map((text) => JSON.parse(text) as CallFrame);
}

/** Calls whose room notes what it is sent, through a queue that a test may stop. */
function callsOf(options?: QueueOptions) {
  const transport = { state: "closed" as TransportState };
  const sent: QueuedMessage["message"][] = [];
  const queue = new SendQueue(
    options,
    {
      state: () => transport.state,
      send: (message) => void sent.push(message),
      onDrop: () => {},
    },
    0,
  );
  const calls = new Calls({
    queue,
    send: (call) => queue.send(call),
    lastError: () => undefined,
    turn: (run) => run(),
    onChange: () => {},
  });
  const outcomes: unknown[] = [];
  const add = (name: string, input?: unknown) => {
    const answer = calls.start(name, input);
    answer.catch((error: unknown) => outcomes.push(error));
    return answer;
  };
  /** The room says hello on a new connection. */
  const greet = (once: WireOnce | undefined = ONCE) => {
    transport.state = "writable";
    calls.onHello(once);
    queue.flush();
  };
  const lose = () => {
    transport.state = "closed";
    queue.disconnect();
    calls.disconnect();
  };
  /** What was sent since this was asked last. */
  const frames = () => sent.splice(0).flatMap(framesIn);
  /** The operations' numbers of that. */
  const numbers = () => frames().map(([, , , , { number }]) => number);
  return { add, calls, frames, greet, lose, numbers, outcomes, queue, transport };
}

describe("calls that happen once", () => {
  it("are known when the room has said so, and wait for that", () => {
    const { add, frames, greet } = callsOf();
    void add("post", { text: "hello" });
    void add("other");
    void add("post");
    expect(frames()).toEqual([]);
    greet();
    expect(frames()).toEqual([
      ["$call", 0, "post", { text: "hello" }, operation(1)],
      ["$call", 1, "other"],
      ["$call", 2, "post", null, operation(2, { oldest: 1 })],
    ]);
  });

  it("are sent again on the next connection, in their order, as the same operations", () => {
    const { add, calls, frames, greet, lose, numbers } = callsOf();
    greet();
    for (const input of [1, 2, 3]) void add("post", input);
    expect(numbers()).toEqual([1, 2, 3]);
    calls.get(1)?.reply(null);
    lose();
    void add("post", 4);
    expect(frames()).toEqual([]);
    greet({ ...ONCE, since: "e.1" });
    expect(frames()).toEqual([
      ["$call", 0, "post", 1, operation(1, { repeat: true })],
      ["$call", 2, "post", 3, operation(3, { oldest: 1, repeat: true })],
      ["$call", 3, "post", 4, operation(4, { oldest: 1, since: "e.1" })],
    ]);
  });

  it("say since when they are counted as the room has told last, in the middle of a connection too", () => {
    const { add, calls, frames, greet, lose } = callsOf();
    greet();
    void add("post", 1);
    calls.onFrame({ ...ONCE, since: "f.0" });
    void add("post", 2);
    lose();
    greet({ ...ONCE, since: "f.0" });
    expect(frames().map(([, , , , sent]) => sent)).toEqual([
      operation(1),
      operation(2, { oldest: 1, since: "f.0" }),
      operation(1, { repeat: true }),
      operation(2, { oldest: 1, since: "f.0", repeat: true }),
    ]);
  });

  it("count from 1 in every page, and two pages of one client never share their nonce", () => {
    const pages = Array.from({ length: 1_000 }, () => {
      const { add, frames, greet } = callsOf();
      greet();
      void add("other");
      void add("post");
      void add("post");
      const [first, second] = frames().flatMap(([, , , , sent]) => sent ?? []);
      expect([first?.number, second?.number]).toEqual([1, 2]);
      expect(second?.page).toBe(first?.page);
      return first?.page;
    });
    expect(new Set(pages).size).toBe(1_000);
  });

  it("stay in their page from connection to connection", () => {
    const { add, frames, greet, lose } = callsOf();
    greet();
    void add("post", 1);
    lose();
    greet();
    void add("post", 2);
    expect(new Set(frames().map(([, , , , { page }]) => page)).size).toBe(1);
  });

  it("carry the oldest number that is not answered, which moves with the answers", () => {
    const { add, calls, frames, greet, lose } = callsOf();
    const oldest = () => frames().map(([, , , , sent]) => [sent.number, sent.oldest]);
    greet();
    for (const input of [1, 2, 3]) void add("post", input);
    expect(oldest()).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    // An answer in the middle moves nothing: the first one's result is still needed.
    calls.get(1)?.reply(null);
    void add("post", 4);
    expect(oldest()).toEqual([[4, 1]]);
    calls.get(0)?.reply(null);
    void add("post", 5);
    expect(oldest()).toEqual([[5, 3]]);
    for (const id of [2, 3, 4]) calls.get(id)?.reply(null);
    void add("post", 6);
    expect(oldest()).toEqual([[6, 6]]);
    lose();
    greet();
    expect(oldest()).toEqual([[6, 6]]);
  });

  it("are no repeats where no socket has taken them", () => {
    const { add, frames, greet, lose, transport } = callsOf();
    greet();
    transport.state = "congested";
    void add("post", 1);
    lose();
    greet({ ...ONCE, since: "e.1" });
    expect(frames()).toEqual([["$call", 0, "post", 1, operation(1, { since: "e.1" })]]);
    lose();
    greet({ ...ONCE, since: "e.2" });
    expect(frames()).toEqual([
      ["$call", 0, "post", 1, operation(1, { since: "e.1", repeat: true })],
    ]);
  });

  it("are no more at a time than the room stores results of, counted from the oldest", () => {
    const { add, calls, greet, numbers } = callsOf();
    greet();
    for (let input = 0; input < 70; input += 1) void add("post", input);
    expect(numbers()).toHaveLength(64);
    // The second is answered; the first is not, and its result must not be overwritten.
    calls.get(1)?.reply(null);
    expect(numbers()).toEqual([]);
    calls.get(0)?.reply(null);
    expect(numbers()).toEqual([65, 66]);
  });

  it("hold up what was made after them, while it is not their turn", () => {
    const { add, calls, frames, greet, queue } = callsOf();
    greet();
    for (let input = 0; input < 65; input += 1) void add("post", input);
    expect(queue.send({ message: '["event"]', mayWait: true })).toBe("held");
    expect(frames()).toHaveLength(64);
    calls.get(0)?.reply(null);
    expect(frames().map(([name]) => name)).toEqual(["$call", "event"]);
  });

  it.each(["newest", "oldest"] as const)(
    "are outside of the bounds of what is queued (overflow: %s)",
    (overflow) => {
      const options = { maxMessages: 2, maxBytes: 100, overflow };
      const { add, frames, greet, outcomes, queue, transport } = callsOf(options);
      greet();
      transport.state = "congested";
      for (const input of [1, "x".repeat(850), 3, 4]) void add("post", input);
      for (let number = 0; number < 2; number += 1) {
        expect(queue.send({ message: "[]" })).toBe("held");
      }
      void add("post", 5);
      transport.state = "writable";
      queue.flush();
      const inOrder = frames().map(([name, , , , sent]) => sent?.number ?? name);
      expect(inOrder).toEqual([1, 2, 3, 4, undefined, undefined, 5]);
      expect(outcomes).toEqual([]);
      expect(queue.bytes).toBe(0);
    },
  );

  it("are 1,000 and 1 MiB at most", async () => {
    const many = callsOf();
    many.greet();
    for (let input = 0; input < 1_001; input += 1) void many.add("post", input);
    await vi.waitFor(() => expect(many.outcomes).toHaveLength(1), { timeout: 60_000 });
    expect(many.outcomes).toMatchObject([{ code: "rate_limited" }]);
    const { add, calls, greet, outcomes } = callsOf();
    greet();
    const half = "x".repeat(MAX_KEPT_CALLS_LENGTH / 2 - 100);
    void add("post", half);
    void add("post", half);
    await expect(add("post", "x".repeat(300))).rejects.toMatchObject({ code: "rate_limited" });
    calls.get(0)?.reply(null);
    void add("post", "x".repeat(300));
    await Promise.resolve();
    expect(outcomes).toHaveLength(1);
  });

  it("are each sent until answered, never out of order, with at most 64 in question", () => {
    const step = fc.constantFrom("call", "call", "call", "answer", "answer last", "lose", "greet");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { add, calls, greet, lose, numbers } = callsOf();
        const unanswered: number[] = [];
        let onThisConnection: number[] = [];
        let made = 0;
        greet();
        for (const kind of steps) {
          if (kind === "call") {
            unanswered.push(made);
            made += 1;
            void add("post");
          } else if (kind === "lose") lose();
          else if (kind === "greet") {
            lose();
            onThisConnection = [];
            greet();
          } else {
            const id = kind === "answer" ? unanswered.shift() : unanswered.pop();
            // Only what was sent on this connection can be answered on it.
            if (id === undefined || onThisConnection.includes(id + 1))
              calls.get(id ?? -1)?.reply(null);
            else if (kind === "answer") unanswered.unshift(id);
            else unanswered.push(id);
          }
          onThisConnection.push(...numbers());
          expect(onThisConnection).toEqual(onThisConnection.toSorted((a, b) => a - b));
          expect(new Set(onThisConnection).size).toBe(onThisConnection.length);
          const oldest = (unanswered[0] ?? made) + 1;
          expect(Math.max(0, ...onThisConnection)).toBeLessThan(oldest + 64);
        }
      }),
    );
  });
});
