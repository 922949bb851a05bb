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
  const gone = frames.flatMap((frame) => frame.gone ?? []);
  const set = frames.flatMap((frame) => frame.set ?? []);
  check(gone, 1, 2);
  check(set, 2, 4);
  const items = set.filter(({ length }) => length === 4);
  const draft = new Draft(frames[0]?.reset ? {} : { ...before }, [...gone, ...items]);
  for (const place of gone) draft.remove(place);
  for (const place of set) draft.set(place);
  return draft.end(before, frames[0]?.reset);
}

/**
 * Checks the form of places.
 *
 * @param shortest the length of a place that is a key. A longer one has an entry too.
 */
function check(places: readonly unknown[], shortest: number, longest: number): void {
  for (const place of places) {
    const { length, 0: key, 1: entry }: readonly unknown[] = Array.isArray(place) ? place : [];
    const hasLength = length >= shortest && length <= longest;
    const hasNames = typeof key === "string" && (length === shortest || typeof entry === "string");
    // It would replace the prototype.
    if (!hasLength || !hasNames || key === "__proto__") throw new PartyError("bad_frame");
  }
}

/** A value that is being changed. It copies an object before the first change. */
class Draft {
  readonly value: Record<string, unknown>;
  readonly #copies = new Set<unknown>();
  /** The ids of the items that leave their places, by the keys of their lists. */
  readonly #leaving = new Map<string, Set<unknown>>();
  /** The items to insert, by the keys of their lists, and by the ids that they follow. */
  readonly #inserts = new Map<string, Map<unknown, unknown>>();

  /** @param leaving the places of all items that go or move. */
  constructor(value: Record<string, unknown>, leaving: readonly (readonly unknown[])[]) {
    this.value = value;
    for (const [key, id] of leaving as readonly WireSharedPlace[]) {
      this.#leaving.set(key, (this.#leaving.get(key) ?? new Set()).add(id));
    }
  }

  remove([key, entry]: WireSharedPlace): void {
    const container = this.value[key];
    if (entry === undefined) delete this.value[key];
    // The items of a list leave when it is opened.
    else if (Array.isArray(container)) this.#open(key);
    else if (isRecord(container) && Object.hasOwn(container, entry)) {
      delete (this.#open(key) as Record<string, unknown>)[entry];
    }
  }

  set(place: WireSharedEntry): void {
    const [key, entry, value] = place;
    const container = this.value[key];
    if (place.length === 2) {
      this.value[key] = merged(container, entry);
      this.#inserts.delete(key);
    } else if (Array.isArray(container) && place.length === 4 && idOf(value) === entry) {
      this.#open(key);
      const inserts = this.#inserts.get(key) ?? new Map<string | null, unknown>();
      this.#inserts.set(key, inserts.set(place[3], value));
    } else if (isRecord(container) && place.length === 3 && entry !== "__proto__") {
      const name = place[1];
      const earlier = Object.hasOwn(container, name) ? container[name] : undefined;
      const shared = merged(earlier, value);
      // Without a copy of the record, if nothing changes.
      if (shared !== earlier) (this.#open(key) as Record<string, unknown>)[name] = shared;
    } else throw new PartyError("bad_frame");
  }

  /** Returns the value, with all that is equal from the earlier one. */
  end(before: AnyShared | undefined, isNew: boolean | undefined): AnyShared {
    const { value } = this;
    this.#insert();
    if (isNew) return merged(before, value);
    const keys = Object.keys(value);
    for (const key of keys) {
      if (this.#leaving.has(key) && !isRecord(value[key])) {
        value[key] = merged(before?.[key], value[key]);
      }
    }
    const isSame = keys.every((key) => value[key] === before?.[key]);
    return before && isSame && keys.length === Object.keys(before).length ? before : value;
  }

  /** Inserts each item after the one that it follows: in one pass, since lists may be long. */
  #insert(): void {
    for (const [key, inserts] of this.#inserts) {
      const list: unknown[] = [];
      const others = this.value[key] as unknown[];
      const follow = (after: unknown) => {
        for (let item = inserts.get(after); item !== undefined; item = inserts.get(idOf(item))) {
          // Otherwise they follow each other in a circle.
          if (list.push(item) > others.length + inserts.size) throw new PartyError("bad_frame");
        }
      };
      follow(null);
      for (const other of others) {
        list.push(other);
        follow(idOf(other));
      }
      if (list.length !== others.length + inserts.size) throw new PartyError("bad_frame");
      this.value[key] = list;
    }
  }

  /** Returns a copy of a list or a record, which may be changed. */
  #open(key: string): Container {
    const container = this.value[key] as Container;
    if (this.#copies.has(container)) return container;
    const leaving = this.#leaving.get(key);
    const copy = Array.isArray(container)
      ? container.filter((item) => !leaving?.has(idOf(item)))
      : { ...container };
    this.#copies.add(copy);
    return (this.value[key] = copy);
  }
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

/** Whether a value is a plain object or a list. Others have no parts to share. */
function isContainer(value: unknown): value is Container {
  const kind = Object.prototype.toString.call(value);
  return kind === "[object Object]" || kind === "[object Array]";
}
