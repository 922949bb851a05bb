import type { WireSharedEntry, WireSharedPlace } from "@partyflare/shared/internal";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { sharedValues } from "../../../test/shared-values";
import { SharedViewer } from "../../../test/shared-viewer";
import { differences } from "./differences";
import { chunksOf } from "./frames";
import { sealed } from "./json";
import { replacing } from "./schema-check";
import { type Places, SharedValue } from "./shared-value";
import { writesOf } from "./writes";

type Json = Record<string, unknown>;

/** What a viewer has after differences. */
function apply(before: Json, ...all: { places: Places; isReset: boolean }[]): unknown {
  const viewer = new SharedViewer();
  const stamp = { version: 1, run: "run" };
  viewer.hello({ ...stamp, reset: true, set: Object.entries(before) });
  for (const { places, isReset } of all) {
    for (const chunk of chunksOf({ ...places, isReset })) viewer.take({ ...stamp, ...chunk });
  }
  return viewer.value;
}

describe("the differences of two views", () => {
  it("lead from one to the other, and again to the same", () => {
    fc.assert(
      fc.property(sharedValues, sharedValues, (before, after) => {
        const places = differences(before, after);
        const change = { places, isReset: false };
        expect(apply(before, change)).toEqual(after);
        expect(apply(before, change, change)).toEqual(after);
        expect(apply(after, { places: differences(after, after), isReset: false })).toEqual(after);
        expect(differences(after, structuredClone(after))).toEqual({ gone: [], set: [] });
      }),
      { numRuns: cases(5_000) },
    );
  });

  it("are the entries that differ, and a moved item alone", () => {
    const items = Array.from({ length: 100 }, (_, index) => ({ id: `${index}` }));
    const votes = Object.fromEntries(items.map(({ id }) => [id, 1]));
    const moved = [items.at(-1), ...items.slice(0, -1)];
    expect(differences({ items, votes }, { items: moved, votes: { ...votes, "5": 2 } })).toEqual({
      gone: [],
      set: [
        ["items", "99", { id: "99" }, null],
        ["votes", "5", 2],
      ],
    });
  });
});

describe("the changes since a version", () => {
  it("lead a client from any version to the last", () => {
    fc.assert(
      fc.property(fc.array(sharedValues, { minLength: 2, maxLength: 8 }), (all) => {
        const shared = new SharedValue();
        all.forEach((next, version) => {
          const writes = writesOf(shared, replacing(sealed(next, []) as Json, shared));
          shared.apply(writes, version, 0);
        });
        const last = all.at(-1)!;
        all.forEach((before, version) => {
          expect(apply(before, { places: shared.since(version), isReset: false })).toEqual(last);
        });
        expect(apply(all[0]!, { places: shared.since(-1), isReset: true })).toEqual(last);
      }),
      { numRuns: cases(3_000) },
    );
  });

  it("are found without a look at all entries, and after very many changes too", () => {
    const shared = new SharedValue();
    const count = 10_000;
    const votes = Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, 0]));
    const change = (next: number, version: number) => {
      const edits = new Map([
        [
          "votes",
          { kind: "entries", set: new Map([[`v${next}`, version]]), gone: new Set<string>() },
        ],
      ] as const);
      shared.apply(writesOf(shared, edits), version, 0);
    };
    shared.apply(writesOf(shared, replacing(sealed({ votes }, []) as Json, shared)), 1, 0);
    for (let version = 2; version < 9_000; version += 1) change(version % 100, version);
    expect(shared.since(8_998).set).toEqual([["votes", "v99", 8_999]]);
    expect(shared.since(8_899).set).toHaveLength(100);
    expect(shared.since(1).set).toHaveLength(100);
    expect(shared.since(0).set).toHaveLength(1);
  });
});

describe("the frames of a change", () => {
  const entry = (index: number, length: number): WireSharedEntry => [
    "votes",
    `v${index}`,
    "x".repeat(length),
  ];

  it("are one if it is small, or empty", () => {
    expect(chunksOf({ gone: [], set: [], isReset: false })).toEqual([{}]);
    expect(chunksOf({ gone: [], set: [], isReset: true })).toEqual([{ reset: true }]);
    const gone: WireSharedPlace[] = [["a"]];
    expect(chunksOf({ gone, set: [], isReset: false })).toEqual([{ gone }]);
  });

  it("are several, of a limited size each, if it is large, and all but the last have more", () => {
    const set = Array.from({ length: 40 }, (_, index) => entry(index, 50_000));
    const gone: WireSharedPlace[] = Array.from({ length: 20_000 }, (_, index) => [
      "votes",
      `g${index}`,
    ]);
    const chunks = chunksOf({ gone, set, isReset: true });
    expect(chunks.length).toBeGreaterThan(8);
    for (const chunk of chunks) expect(JSON.stringify(chunk).length).toBeLessThan(300_000);
    expect(chunks.map(({ more }) => more ?? false)).toEqual(
      chunks.map((_, index) => index < chunks.length - 1),
    );
    expect(chunks.map(({ reset }) => reset ?? false)).toEqual(
      chunks.map((_, index) => index === 0),
    );
    expect(chunks.flatMap((chunk) => chunk.gone ?? [])).toEqual(gone);
    expect(chunks.flatMap((chunk) => chunk.set ?? [])).toEqual(set);
  });

  it("carry a large record or list entry by entry", () => {
    const text = "x".repeat(100_000);
    const items = ["1", "2", "3", "4"].map((id) => ({ id, text }));
    const votes = { a: text, b: text, c: text };
    const set: WireSharedEntry[] = [
      ["items", items],
      ["votes", votes],
      ["whole", [text, text, text]],
    ];
    const chunks = chunksOf({ gone: [], set, isReset: true });
    expect(chunks.length).toBeGreaterThan(2);
    expect(apply({}, { places: { gone: [], set }, isReset: true })).toEqual({
      items,
      votes,
      whole: [text, text, text],
    });
  });
});
