import type { WireShared, WireSharedEntry } from "@partyflare/shared/internal";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { apply, type Change } from "../../../test/patches";
import type { AnyShared } from "./patch";

describe("any change of the shared state", () => {
  const name = fc.constantFrom("a", "b", "c", "0", "constructor", "toString", "$x");
  const leaf = fc
    .jsonValue({ maxDepth: 2 })
    .filter((value) => !JSON.stringify(value).includes("__proto__"))
    .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const few = fc.oneof(fc.integer({ min: 0, max: 2 }), leaf);
  const item = fc.record({ id: fc.constantFrom("1", "2", "3", "0", "__proto__", "é"), of: few });
  const list = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 6 });
  const plain = { noNullPrototype: true };
  const record = fc.dictionary(name, few, plain);
  const any = fc.oneof(record, list, fc.array(item, { maxLength: 3 }), few);
  const value = fc.dictionary(name, any, plain);

  it("ends in the new value, shares what is equal, and does nothing the second time", () => {
    fc.assert(
      fc.property(value, value, fc.nat(), fc.boolean(), (before, after, seed, isSnapshot) => {
        const change = isSnapshot ? snapshotOf(after, seed) : differenceOf(before, after, seed);
        const frames = split(change, seed);
        const result = apply(before, ...frames);
        expect(result).toEqual(after);
        sharesWhatIsEqual(before, result);
        expect(apply(result, ...frames)).toBe(result);
      }),
      { numRuns: cases(2_000) },
    );
  });
});

type Item = { readonly id: string };

/** Whether two values of JSON are equal. The order of keys does not matter. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((part, at) => isEqual(part, other[at]));
  }
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}

const isRecord = (value: unknown): value is AnyShared =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isList(value: unknown): value is Item[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const ids = value.map((item) => (isRecord(item) ? item["id"] : undefined));
  return ids.every((id) => typeof id === "string" && id !== "") && new Set(ids).size === ids.length;
}

/** The difference of two values, as the wire's rules describe it. */
function differenceOf(before: AnyShared, after: AnyShared, seed: number): Change {
  const gone: [string, string?][] = [];
  const set: WireSharedEntry[] = [];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) gone.push([key]);
  for (const [key, now] of Object.entries(after)) {
    const then = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isEqual(then, now)) continue;
    if (isRecord(then) && isRecord(now)) {
      for (const entry of Object.keys(then)) {
        if (!Object.hasOwn(now, entry)) gone.push([key, entry]);
      }
      for (const [entry, part] of Object.entries(now)) {
        const isKept = Object.hasOwn(then, entry) && isEqual(then[entry], part);
        if (!isKept) set.push([key, entry, part]);
      }
    } else if (isList(then) && isList(now)) {
      const ids = new Set(now.map(({ id }) => id));
      for (const { id } of then) if (!ids.has(id)) gone.push([key, id]);
      let latest = -1;
      for (const [at, item] of now.entries()) {
        const was = then.findIndex((other) => isEqual(other, item));
        if (was > latest) latest = was;
        else set.push([key, item.id, item, now[at - 1]?.id ?? null]);
      }
    } else set.push(...wholly(key, now, seed));
  }
  return { gone: gone as WireShared["gone"] & object, set };
}

function snapshotOf(value: AnyShared, seed: number): Change {
  return {
    reset: true,
    set: Object.entries(value).flatMap(([key, now]) => wholly(key, now, seed)),
  };
}

/** A key with its whole value, at once or entry by entry. */
function wholly(key: string, value: unknown, seed: number): WireSharedEntry[] {
  if (seed % 2 === 0 || !(isRecord(value) || isList(value))) return [[key, value]];
  if (isRecord(value)) {
    const entries = Object.entries(value);
    return [[key, {}], ...entries.map(([name, part]): WireSharedEntry => [key, name, part])];
  }
  const parts = value.map((item, at): WireSharedEntry => [
    key,
    item.id,
    item,
    value[at - 1]?.id ?? null,
  ]);
  return [[key, []], ...parts];
}

/** The same change in one to three frames. */
function split({ reset, gone = [], set = [] }: Change, seed: number): Change[] {
  const at = (seed % 7) * 2;
  const frames: Change[] = [
    { set: set.slice(0, at), ...(reset && { reset }) },
    { gone, set: set.slice(at, at + 3) },
    { set: set.slice(at + 3) },
  ];
  return seed % 3 === 0
    ? [{ gone, set, ...(reset && { reset }) }]
    : frames.map((frame, at) => ({ ...frame, ...(at < 2 && { more: true }) }));
}

/** Checks that equal parts at one place are one object. Items of lists have their ids as places. */
function sharesWhatIsEqual(before: unknown, after: unknown): void {
  if (isEqual(before, after)) {
    expect(Object.is(before, after)).toBe(true);
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of Object.keys(after)) {
      if (Object.hasOwn(before, key)) sharesWhatIsEqual(before[key], after[key]);
    }
  } else if (isList(before) && isList(after)) {
    for (const item of after) {
      const same = before.find(({ id }) => id === item.id);
      if (same) sharesWhatIsEqual(same, item);
    }
  }
}
