import type { WireShared } from "@partyflare/shared/internal";
import { type AnyShared, merged, patched } from "../src/capabilities/shared-state/patch";

/** A frame without its position. */
export type Change = Omit<WireShared, "version" | "run">;

/** Applies the frames of one change, as a client does, to a value that nobody may change. */
export function apply(before: AnyShared | undefined, ...changes: Change[]): AnyShared {
  const frames = changes.map((change) => ({ version: 1, run: "run", ...change }));
  return merged(before, patched(frozen(before), frozen(frames)));
}

/** An object that throws if it is changed, all the way down. */
function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
