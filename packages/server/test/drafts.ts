import { edit } from "../src/capabilities/shared-state/draft";
import { sealed } from "../src/capabilities/shared-state/json";
import { replacing } from "../src/capabilities/shared-state/schema-check";
import { SharedValue } from "../src/capabilities/shared-state/shared-value";
import { writesOf } from "../src/capabilities/shared-state/writes";
import { expect } from "vitest";

/** A value with a place of each kind. */
export interface DraftValue {
  phase: string;
  none: null;
  tags: string[];
  votes: Record<string, string>;
  boards: Record<string, { title: string; cells: number[]; by?: { name: string } }>;
  tasks: { id: string; text: string }[];
  late?: unknown;
}

export type Change = (draft: DraftValue) => unknown;

export const BEFORE: DraftValue = {
  phase: "open",
  none: null,
  tags: ["a", "b"],
  votes: { ada: "red", bob: "blue" },
  boards: {
    one: { title: "One", cells: [1, 2, 3], by: { name: "ada" } },
    two: { title: "Two", cells: [] },
  },
  tasks: [
    { id: "t1", text: "wash" },
    { id: "t2", text: "dry" },
  ],
};

function valueOf(whole: object): SharedValue {
  const value = new SharedValue();
  value.apply(
    writesOf(value, replacing(sealed(whole, []) as Record<string, unknown>, value)),
    0,
    0,
  );
  return value;
}

/** Runs a change, and returns the value afterwards and the number of rows. */
export function changed(change: Change, before: object = BEFORE) {
  const value = valueOf(before);
  const was = structuredClone(value.value);
  const edits = edit(value, change as (draft: unknown) => unknown);
  expect(value.value).toEqual(was);
  const writes = writesOf(value, edits);
  value.apply(writes, 1, 0);
  return { value: value.value as unknown as DraftValue, rows: writes.length };
}

/** The same change of a plain object. */
export function asPlain(change: Change, before: object = BEFORE): DraftValue {
  const plain = structuredClone(before) as DraftValue;
  change(plain);
  return JSON.parse(JSON.stringify(plain)) as DraftValue;
}
