import type { Immutable } from "@partyflare/shared";

/** Returns a copy of a value with a change, for `optimistic`. Its rules are those of the room. */
export function changed<Value>(
  value: Immutable<Value>,
  change: (draft: Value) => void,
): Immutable<Value> {
  const draft = structuredClone(value);
  change(draft as Value);
  return draft;
}
