import { expect, test } from "vitest";
import { positionOf, Positions } from "./positions.ts";

const STREAM = Buffer.from(
  [
    `move ${JSON.stringify({ by: "c0", x: positionOf(0, 1), y: 384 })}`,
    JSON.stringify([
      "$presence",
      { moved: [["c49", { cursor: { x: positionOf(49, 39), y: 1 } }]] },
    ]),
    `move ${JSON.stringify({ by: "c0", x: positionOf(0, 2), y: 384 })}`,
  ].join("\n"),
);

test.each([1, 2, 3, 7, 9, 10, 11, 1_000])(
  "every position is read once, and the last of each person is kept, read by %i bytes",
  (bytesAtOnce) => {
    const positions = new Positions();
    for (let at = 0; at < STREAM.length; at += bytesAtOnce) {
      positions.take(STREAM.subarray(at, at + bytesAtOnce));
    }
    expect(positions.count).toBe(3);
    expect([0, 1, 49].map((person) => positions.lastOf(person))).toEqual([2, undefined, 39]);
  },
);
