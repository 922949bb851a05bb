import type { WireSharedEntry, WireSharedPlace } from "@partyflare/shared/internal";
import { isSame } from "./json";
import { entriesOf, kindOf, type Places } from "./shared-value";
import { longestAscending } from "./writes";

type Json = Readonly<Record<string, unknown>>;

/** The entries in which two values of a key differ. */
interface PartDifference {
  readonly gone: readonly string[];
  /** An item of a list has the id of the item before it. */
  readonly set: readonly (
    | readonly [entry: string, value: unknown]
    | readonly [item: string, value: unknown, after: string | null]
  )[];
}

/** By the earlier and the later value of a key: the views of many clients share them. */
const known = new WeakMap<object, WeakMap<object, PartDifference>>();

/** Returns the places in which two values differ. They are values of `SharedValue`, or views. */
export function differences(before: Json, after: Json): Places {
  const gone: WireSharedPlace[] = [];
  const set: WireSharedEntry[] = [];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) gone.push([key]);
  for (const [key, value] of Object.entries(after)) {
    const earlier = Object.hasOwn(before, key) ? before[key] : undefined;
    if (earlier === value) continue;
    const kind = kindOf(value);
    if (earlier === undefined || kind === "whole" || kind !== kindOf(earlier)) {
      if (!isSame(earlier, value)) set.push([key, value]);
      continue;
    }
    const part = partDifference(earlier as object, value as object);
    for (const name of part.gone) gone.push([key, name]);
    for (const entry of part.set) set.push([key, ...entry]);
  }
  return { gone, set };
}

/** @param before a record or a list, and `after` is of the same kind. */
function partDifference(before: object, after: object): PartDifference {
  const byLater = known.get(before) ?? new WeakMap<object, PartDifference>();
  known.set(before, byLater);
  const difference =
    byLater.get(after) ??
    (Array.isArray(after)
      ? listDifference(before, after)
      : recordDifference(before as Json, after as Json));
  byLater.set(after, difference);
  return difference;
}

function recordDifference(before: Json, after: Json): PartDifference {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const changed = Object.keys(after).filter(
    (name) => !Object.hasOwn(before, name) || !isSame(before[name], after[name]),
  );
  return { gone, set: changed.map((name) => [name, after[name]]) };
}

function listDifference(before: object, after: object): PartDifference {
  const items = new Map(entriesOf(before).map(([id, item], index) => [id, { item, index }]));
  const entries = entriesOf(after);
  const ids = new Set(entries.map(([id]) => id));
  // An item that has moved is sent again.
  const inPlace = longestAscending(entries.map(([id]) => items.get(id)?.index));
  const set = entries.flatMap(([id, item], index) => {
    const earlier = items.get(id);
    if (earlier && inPlace.has(index) && isSame(earlier.item, item)) return [];
    return [[id, item, entries[index - 1]?.[0] ?? null] as const];
  });
  return { gone: Array.from(items.keys()).filter((id) => !ids.has(id)), set };
}
