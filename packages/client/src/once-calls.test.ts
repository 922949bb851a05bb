import { MAX_KEPT_CALLS_LENGTH } from "@partyflare/shared";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OnceCalls } from "./once-calls";
import type { Letter } from "./outbox";

const ONCE = { calls: ["post"], since: "e.0", latest: 0 };

/** Calls whose room notes what it is sent, by their operations. */
function callsOf() {
  const letters: Letter[] = [];
  const calls = new OnceCalls({
    send(letter) {
      letters.push(letter);
      return "sent";
    },
    takeBack: () => {},
  });
  const frames = () =>
    letters.splice(0).map(({ message }) => JSON.parse(String(message)) as [string, ...unknown[]]);
  /** The operations' numbers of what was sent since this was asked last. */
  const sent = () => frames().map(([, , , , operation]) => (operation as [number])[0]);
  return { calls, frames, sent };
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
      ["$call", 7, "post", { text: "hello" }, [1, "e.0"]],
      ["$call", 8, "post", null, [2, "e.0"]],
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
    expect(frames().map(([, id, , , operation]) => [id, operation])).toEqual([
      [1, [1, "e.0"]],
      [3, [3, "e.0"]],
      [4, [4, "e.1"]],
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
    const operations = frames().map(([, id, , , operation]) => [id, operation]);
    const [first, second] = [
      [1, [1, "e.0"]],
      [2, [2, "f.0"]],
    ];
    expect(operations).toEqual([first, second, first, second]);
  });

  it("count on from what another page of this client has called", () => {
    const { calls, sent } = callsOf();
    calls.greet({ ...ONCE, latest: 41 });
    calls.add(0, "post", 0);
    expect(sent()).toEqual([42]);
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
