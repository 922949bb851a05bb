import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { sharedValues } from "../../../test/shared-values";
import { sealed } from "./json";
import { replacing } from "./schema-check";
import { SharedValue } from "./shared-value";
import { placesOf, writesOf } from "./writes";

type Json = Record<string, unknown>;

function change(value: SharedValue, next: Json, version: number): number {
  const writes = writesOf(value, replacing(sealed(next, []) as Json, value));
  const bytes = value.bytesAfter(writes);
  value.apply(writes, version, 0);
  expect(value.bytes).toBe(bytes);
  return writes.length;
}

describe("the places of a list's items", () => {
  it("stay for as many items as possible", () => {
    expect(placesOf([undefined, undefined])).toEqual([1, 2]);
    expect(placesOf([1, 2, undefined])).toEqual([1, 2, 3]);
    expect(placesOf([undefined, 1, 2])).toEqual([0, 1, 2]);
    expect(placesOf([1, undefined, undefined, undefined, 2])).toEqual([1, 1.25, 1.5, 1.75, 2]);
    expect(placesOf([3, 1, 2])).toEqual([0, 1, 2]);
    expect(placesOf([2, 3, 1])).toEqual([2, 3, 4]);
    expect(placesOf([])).toEqual([]);
  });

  it("are ascending after any edits", () => {
    const before = fc.array(fc.option(fc.nat({ max: 20 }), { nil: undefined }), { maxLength: 12 });
    fc.assert(
      fc.property(before, (places) => {
        const next = placesOf(places);
        expect(next).toHaveLength(places.length);
        next.forEach((place, index) => {
          if (index > 0) expect(place).toBeGreaterThan(next[index - 1]!);
        });
      }),
      { numRuns: cases(2_000) },
    );
  });

  it("are given anew when there is no room left at one spot, and seldom", () => {
    const value = new SharedValue();
    let items = [{ id: "first" }, { id: "last" }];
    change(value, { items }, 1);
    let rows = 0;
    const count = 500;
    for (let index = 0; index < count; index += 1) {
      items = [items[0]!, { id: `${index}` }, ...items.slice(1)];
      rows += change(value, { items }, index + 2);
      expect(value.get("items")).toEqual(items);
    }
    // All items after each 50 inserts or so, and one row for each insert.
    expect(rows).toBeLessThan(count + (count / 40) * count);
    expect(rows).toBeGreaterThan(count);
  });
});

describe("any changes of a value", () => {
  const values = fc.array(sharedValues, { minLength: 1, maxLength: 8 });

  it("end in the last value, and bytes are those of a value that was made at once", () => {
    fc.assert(
      fc.property(values, (all) => {
        const value = new SharedValue();
        all.forEach((next, index) => {
          change(value, next, index + 1);
          expect(value.value).toEqual(next);
          expect(JSON.stringify(value.value).length).toBeLessThanOrEqual(value.bytes);
        });
        const fresh = new SharedValue();
        change(fresh, all.at(-1)!, 1);
        expect(value.bytes).toBe(fresh.bytes);
        expect(change(value, all.at(-1)!, 99)).toBe(0);
      }),
      { numRuns: cases(2_000) },
    );
  });

  it("leave a copy of the value alone", () => {
    fc.assert(
      fc.property(values, (all) => {
        const value = new SharedValue();
        change(value, all[0]!, 1);
        const copy = value.copy();
        const was = JSON.stringify([copy.value, copy.version, copy.bytes, copy.since(-1)]);
        all.forEach((next, index) => change(value, next, index + 2));
        expect(JSON.stringify([copy.value, copy.version, copy.bytes, copy.since(-1)])).toBe(was);
      }),
      { numRuns: cases(500) },
    );
  });
});
