import { PartyError } from "@partyflare/shared";
import type { WireShared, WireSharedEntry, WireSharedPlace } from "@partyflare/shared/internal";

/** The shared state of a room of any contract. */
export type AnyShared = Readonly<Record<string, unknown>>;

/** A plain object or a list. */
type Container = Record<string, unknown> | unknown[];

/**
 * Returns the value after all frames of a change. It changes no object, and shares with the earlier
 * value all that is equal.
 *
 * @param before the earlier value; undefined if there is none.
 * @throws PartyError `bad_frame` if a place is not of its form, or does not fit the value.
 */
export function patched(before: AnyShared | undefined, frames: readonly WireShared[]): AnyShared {
  const isNew = frames[0]?.reset;
  const value: Record<string, unknown> = isNew ? {} : { ...before };
  const lists = new Map<string, ListChange>();
  const copies = new Set<unknown>();
  const leave = (key: string, id: string) => {
    const change = lists.get(key) ?? { leaving: new Set(), following: new Map() };
    lists.set(key, change);
    change.leaving.add(id);
    return change;
  };
  /** Returns a record that may be changed. */
  const copyOf = (key: string, record: Record<string, unknown>) => {
    if (copies.has(record)) return record;
    const copy = { ...record };
    copies.add((value[key] = copy));
    return copy;
  };

  for (const place of frames.flatMap(({ gone }) => gone ?? [])) {
    const [key, entry] = checked(place, 1, 2) as WireSharedPlace;
    const container = value[key];
    if (entry === undefined) delete value[key];
    else if (Array.isArray(container)) leave(key, entry);
    else if (isRecord(container) && Object.hasOwn(container, entry)) {
      delete copyOf(key, container)[entry];
    }
  }
  for (const place of frames.flatMap(({ set }) => set ?? [])) {
    const [key, entry, part] = checked(place, 2, 4) as WireSharedEntry;
    const container = value[key];
    const name = entry as string;
    if (place.length === 2) {
      value[key] = merged(container, entry);
      lists.delete(key);
    } else if (Array.isArray(container) && place.length === 4 && idOf(part) === entry) {
      const { following } = leave(key, name);
      if (following.has(place[3])) throw new PartyError("bad_frame");
      following.set(place[3], part);
    } else if (isRecord(container) && place.length === 3 && entry !== "__proto__") {
      const earlier = Object.hasOwn(container, name) ? container[name] : undefined;
      const shared = merged(earlier, part);
      // Without a copy of the record, if nothing changes.
      if (shared !== earlier) copyOf(key, container)[name] = shared;
    } else throw new PartyError("bad_frame");
  }
  for (const [key, change] of lists) {
    const list = value[key];
    if (Array.isArray(list)) value[key] = merged(list, changed(list, change));
  }

  const keys = Object.keys(value);
  const isSame = !isNew && keys.every((key) => value[key] === before?.[key]);
  if (before && isSame && keys.length === Object.keys(before).length) return before;
  return isNew ? merged(before, value) : value;
}

/** A change of a list. Items that are new, have changed or have moved leave it and come back. */
interface ListChange {
  /** The ids of the items that leave. */
  readonly leaving: Set<unknown>;
  /** The items that come, by the id of the item that each follows; null for the first. */
  readonly following: Map<unknown, unknown>;
}

/** Returns a list after a change: in one pass, since lists may be long. */
function changed(before: readonly unknown[], { leaving, following }: ListChange): unknown[] {
  const others = before.filter((item) => !leaving.has(idOf(item)));
  const length = others.length + following.size;
  const list: unknown[] = [];
  const add = (item: unknown) => {
    // At most: items could follow each other in a circle.
    for (let next = item; next !== undefined && list.length <= length;) {
      list.push(next);
      next = following.get(idOf(next));
    }
  };
  add(following.get(null));
  others.forEach(add);
  if (list.length !== length) throw new PartyError("bad_frame");
  return list;
}

/**
 * Returns a place, if it has the form of one.
 *
 * @param shortest the length of a place that is a key. A longer one has an entry too.
 */
function checked(place: unknown, shortest: number, longest: number): readonly unknown[] {
  const all: readonly unknown[] = Array.isArray(place) ? place : [];
  const { length, 0: key, 1: entry } = all;
  const hasLength = length >= shortest && length <= longest;
  const hasNames = typeof key === "string" && (length === shortest || typeof entry === "string");
  // It would replace the prototype.
  if (!hasLength || !hasNames || key === "__proto__") throw new PartyError("bad_frame");
  return all;
}

/**
 * Returns a value that is equal to a later one, and shares with an earlier one all that is equal.
 * It compares items of lists by their ids, if they have any.
 */
export function merged<Value>(before: unknown, after: Value): Value;
export function merged(before: unknown, after: unknown): unknown {
  if (before === after || !isContainer(before) || !isContainer(after)) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  const keys = Object.keys(after);
  let byId: Map<unknown, unknown> | undefined;
  let isSame = keys.length === Object.keys(before).length;
  let result = after;
  for (const key of keys) {
    const part = at(after, key);
    let earlier = at(before, key);
    if (Array.isArray(before) && idOf(part) !== idOf(earlier)) {
      byId ??= new Map(before.map((item) => [idOf(item), item]));
      earlier = byId.get(idOf(part));
    }
    const shared = merged(earlier, part);
    if (shared !== at(before, key) || !Object.hasOwn(before, key)) isSame = false;
    if (shared === part) continue;
    if (result === after) result = Array.isArray(after) ? [...after] : { ...after };
    (result as Record<string, unknown>)[key] = shared;
  }
  return isSame ? before : result;
}

function at(container: Container, key: string): unknown {
  return (container as Record<string, unknown>)[key];
}

/** Returns the id of an item of a list; undefined if it has none. */
function idOf(item: unknown): unknown {
  return (item as { id?: unknown } | null | undefined)?.id;
}

/** Whether a value is a plain object or a list. Others have no parts to share. */
function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isRecord(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
