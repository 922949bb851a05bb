import { MAX_KEPT_CALLS_LENGTH } from "@partyflare/shared";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { operation, type SentOperation } from "../../test/operation";
import { OnceCalls } from "./once-calls";
import { type Letter, type LineState, Outbox } from "./send-queue";

const ONCE = { calls: ["post"], since: "e.0" };

type CallFrame = [name: "$call", id: number, call: string, input: unknown, SentOperation];

function frameOf(message: Letter["message"]): CallFrame {
  return JSON.parse(String(message)) as CallFrame;
}

/** Calls whose room notes what it is sent, by their operations. */
function callsOf() {
  const letters: Letter[] = [];
  const calls = new OnceCalls({
    send(letter) {
      letters.push(letter);
      letter.onSent?.();
      return "sent";
    },
    takeBack: () => {},
  });
  const frames = () => letters.splice(0).map(({ message }) => frameOf(message));
  /** The operations' numbers of what was sent since this was asked last. */
  const sent = () => frames().map(([, , , , { number }]) => number);
  return { calls, frames, sent };
}

/** Calls that go through an outbox, which holds them while its line is busy. */
function heldCalls(hold: ConstructorParameters<typeof Outbox>[0] = {}) {
  const line = { state: "busy" as LineState };
  const sent: Letter["message"][] = [];
  const outbox = new Outbox(hold, {
    state: () => line.state,
    send: (message) => void sent.push(message),
    onDrop: () => {},
  });
  const calls = new OnceCalls({
    send: (letter) => outbox.send(letter),
    takeBack: (letter) => outbox.remove(letter),
  });
  const frames = () => sent.splice(0).map(frameOf);
  return { calls, outbox, line, frames };
}

describe("calls that happen once", () => {
  it("are known when the room has said so, and wait for that", () => {
    const { calls, frames } = callsOf();
    expect(calls.has("post")).toBe(false);
    calls.add(7, "post", { text: "hello" });
    calls.add(8, "post", undefined);
    expect(frames()).toEqual([]);
    calls.greet(ONCE);
    expect(calls.has("post")).toBe(true);
    expect(frames()).toEqual([
      ["$call", 7, "post", { text: "hello" }, operation(1)],
      ["$call", 8, "post", null, operation(2, { oldest: 1 })],
    ]);
  });

  it("are sent again on the next connection, in their order, as the same operations", () => {
    const { calls, frames, sent } = callsOf();
    calls.greet(ONCE);
    for (const id of [1, 2, 3]) calls.add(id, "post", id);
    expect(sent()).toEqual([1, 2, 3]);
    calls.remove(2);
    calls.disconnect();
    calls.add(4, "post", 4);
    expect(frames()).toEqual([]);
    calls.greet({ ...ONCE, since: "e.1" });
    expect(frames()).toEqual([
      ["$call", 1, "post", 1, operation(1, { repeat: true })],
      ["$call", 3, "post", 3, operation(3, { oldest: 1, repeat: true })],
      ["$call", 4, "post", 4, operation(4, { oldest: 1, since: "e.1" })],
    ]);
  });

  it("say since when they are counted as the room has told last, in the middle of a connection too", () => {
    const { calls, frames } = callsOf();
    calls.greet(ONCE);
    calls.add(1, "post", 1);
    calls.renew({ ...ONCE, since: "f.0" });
    calls.add(2, "post", 2);
    calls.disconnect();
    calls.greet({ ...ONCE, since: "f.0" });
    expect(frames().map(([, , , , sent]) => sent)).toEqual([
      operation(1),
      operation(2, { oldest: 1, since: "f.0" }),
      operation(1, { repeat: true }),
      operation(2, { oldest: 1, since: "f.0", repeat: true }),
    ]);
  });

  it("count from 1 in every page, and two pages of one client never share their nonce", () => {
    const pages = Array.from({ length: 1_000 }, (_, id) => {
      const { calls, frames } = callsOf();
      calls.greet(ONCE);
      calls.add(id, "post", id);
      calls.add(id + 1, "post", id);
      const [first, second] = frames().map(([, , , , sent]) => sent);
      expect([first?.number, second?.number]).toEqual([1, 2]);
      expect(second?.page).toBe(first?.page);
      return first?.page;
    });
    expect(new Set(pages).size).toBe(1_000);
  });

  it("stay in their page from connection to connection", () => {
    const { calls, frames } = callsOf();
    calls.greet(ONCE);
    calls.add(1, "post", 1);
    calls.disconnect();
    calls.greet(ONCE);
    calls.add(2, "post", 2);
    expect(new Set(frames().map(([, , , , { page }]) => page)).size).toBe(1);
  });

  it("carry the oldest number that is not answered, which moves with the answers", () => {
    const { calls, frames } = callsOf();
    const oldest = () => frames().map(([, , , , sent]) => [sent.number, sent.oldest]);
    calls.greet(ONCE);
    for (const id of [1, 2, 3]) calls.add(id, "post", id);
    expect(oldest()).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    // An answer in the middle moves nothing: the first one's result is still needed.
    calls.remove(2);
    calls.add(4, "post", 4);
    expect(oldest()).toEqual([[4, 1]]);
    calls.remove(1);
    calls.add(5, "post", 5);
    expect(oldest()).toEqual([[5, 3]]);
    for (const id of [3, 4, 5]) calls.remove(id);
    calls.add(6, "post", 6);
    expect(oldest()).toEqual([[6, 6]]);
    calls.disconnect();
    calls.greet(ONCE);
    expect(oldest()).toEqual([[6, 6]]);
  });

  it("are no repeats where they were taken back before a socket took them", () => {
    const { calls, line, outbox, frames } = heldCalls();
    calls.greet(ONCE);
    calls.add(1, "post", 1);
    line.state = "down";
    calls.disconnect();
    line.state = "clear";
    calls.greet({ ...ONCE, since: "e.1" });
    expect(frames()).toEqual([["$call", 1, "post", 1, operation(1, { since: "e.1" })]]);
    calls.disconnect();
    calls.greet({ ...ONCE, since: "e.2" });
    outbox.flush();
    expect(frames()).toEqual([
      ["$call", 1, "post", 1, operation(1, { since: "e.1", repeat: true })],
    ]);
  });

  it("are no more at a time than the room stores results of, counted from the oldest", () => {
    const { calls, sent } = callsOf();
    calls.greet(ONCE);
    for (let id = 0; id < 70; id += 1) calls.add(id, "post", id);
    expect(sent().length).toBe(64);
    // The second is answered; the first is not, and its result must not be overwritten.
    calls.remove(1);
    expect(sent()).toEqual([]);
    calls.remove(0);
    expect(sent()).toEqual([65, 66]);
  });

  it.each(["newest", "oldest"] as const)(
    "are sent first in the order in which they were made, where too much is held (refuse: %s)",
    async (refuse) => {
      const { calls, outbox, line, frames } = heldCalls({ messages: 5, bytes: 1_000, refuse });
      calls.greet(ONCE);
      const inputs = [1, "x".repeat(850), 3, 4, "y".repeat(850), 6, 7];
      for (const [id, input] of inputs.entries()) calls.add(id, "post", input);
      line.state = "clear";
      outbox.flush();
      const numbers: number[] = [];
      await vi.waitFor(
        () => {
          outbox.flush();
          numbers.push(...frames().map(([, , , , { number }]) => number));
          expect(numbers).toHaveLength(inputs.length);
        },
        { timeout: 20_000 },
      );
      expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7]);
    },
  );

  it("are 1,000 and 1 MiB at most", () => {
    const many = callsOf();
    const kept = Array.from({ length: 1_001 }, (_, id) => many.calls.add(id, "post", id));
    expect(kept.indexOf(false)).toBe(1_000);
    const { calls } = callsOf();
    const half = "x".repeat(MAX_KEPT_CALLS_LENGTH / 2 - 2);
    expect([0, 1].map((id) => calls.add(id, "post", half))).toEqual([true, true]);
    expect(calls.add(2, "post", 1)).toBe(false);
    calls.remove(0);
    expect(calls.add(2, "post", 1)).toBe(true);
  });

  it("are each sent until answered, never out of order, with at most 64 in question", () => {
    const step = fc.constantFrom("call", "call", "call", "answer", "answer last", "lose", "greet");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { calls, sent } = callsOf();
        const unanswered: number[] = [];
        let onThisConnection: number[] = [];
        let made = 0;
        calls.greet(ONCE);
        for (const kind of steps) {
          if (kind === "call") {
            unanswered.push(made);
            calls.add((made += 1) - 1, "post", null);
          } else if (kind === "lose") calls.disconnect();
          else if (kind === "greet") {
            calls.disconnect();
            onThisConnection = [];
            calls.greet(ONCE);
          } else {
            const id = kind === "answer" ? unanswered.shift() : unanswered.pop();
            // Only what was sent on this connection can be answered on it.
            if (id === undefined || onThisConnection.includes(id + 1)) calls.remove(id ?? -1);
            else if (kind === "answer") unanswered.unshift(id);
            else unanswered.push(id);
          }
          onThisConnection.push(...sent());
          expect(onThisConnection).toEqual(onThisConnection.toSorted((a, b) => a - b));
          expect(new Set(onThisConnection).size).toBe(onThisConnection.length);
          const oldest = (unanswered[0] ?? made) + 1;
          expect(Math.max(0, ...onThisConnection)).toBeLessThan(oldest + 64);
        }
      }),
    );
  });
});
