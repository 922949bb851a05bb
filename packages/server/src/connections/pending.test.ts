import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pending } from "./pending";

const FRAME = fc.record({
  frame: fc.integer({ min: 0, max: 9 }).map((number) => `[${number}]`),
  latestBy: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
});

describe("frames that wait", () => {
  it("are joined in order", () => {
    const pending = Pending.start().plus('["a"]').plus('["b"]').plus('["a"]');
    expect(pending.text).toBe('["a"]\n["b"]\n["a"]');
    expect(pending.length).toBe(pending.text.length);
  });

  it("keep the newest of each key, at its own place, and everything without a key", () => {
    fc.assert(
      fc.property(fc.array(FRAME, { minLength: 1 }), (frames) => {
        const pending = frames.reduce(
          (chain, { frame, latestBy }) => chain.plus(frame, latestBy),
          Pending.start(),
        );
        const kept = frames.filter(({ latestBy }, index) => {
          const later = frames.slice(index + 1);
          return latestBy === undefined || !later.some((other) => other.latestBy === latestBy);
        });
        expect(pending.text.split("\n")).toEqual(kept.map(({ frame }) => frame));
        expect(pending.restarted(Pending.start()).text).toBe(pending.text);
      }),
    );
  });

  it("are one chain, and one text, for all who are to get the same", () => {
    const start = Pending.start();
    const [first, second] = [start.plus("[1]"), start.plus("[1]")];
    expect(first).toBe(second);
    expect(first.plus("[2]", "a")).toBe(second.plus("[2]", "a"));
    expect(first.plus("[2]", "b").text).toBe("[1]\n[2]");
  });
});
