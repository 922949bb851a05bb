import type { WireSharedEntry, WireSharedPlace } from "@partyflare/shared/internal";
import { isName, isPlain, seal } from "./json";

/**
 * How a key's value is stored: as a whole, or by entry. The entries of a record are the properties
 * of an object. The entries of a list are the items of an array, each with an `id` of its own.
 */
export type Kind = "whole" | "record" | "list";

/** An entry of a record or list. */
export interface Entry {
  readonly value: unknown;
  /** The version in which it last changed. */
  readonly version: number;
  /** A number by which the entries of a key are in order. */
  readonly place: number;
  /** The length of its JSON, with its name, in bytes. */
  readonly bytes: number;
}

/** A key of the value. */
interface Part {
  readonly kind: Kind;
  /** The version in which the key was last set as a whole. Its entries may be newer. */
  readonly version: number;
  readonly place: number;
  readonly bytes: number;
  /** The entries, in order. Empty for a value that is stored as a whole. */
  entries: Map<string, Entry>;
  /** The value as an object; undefined until it is needed again. */
  value: unknown;
  /** The newest version of any entry, present or deleted. */
  latest: number;
  /** The entries that have changed, oldest first, since `recentFrom`. */
  recent: { readonly version: number; readonly entry: string }[];
  recentFrom: number;
}

/** A change of one row: of a key, of an entry, or a deletion. */
export interface Write {
  readonly key: string;
  /** Null for the key itself: all its entries are removed first. */
  readonly entry: string | null;
  /** Of a key that is set. */
  readonly kind?: Kind;
  /** Undefined for a deletion. */
  readonly value?: unknown;
  readonly place: number;
  readonly bytes: number;
  /** The JSON of its row; null for a deletion. A record and a list are stored without entries. */
  readonly json: string | null;
}

/** A deleted key or entry. */
export interface Tombstone {
  readonly key: string;
  readonly entry: string | null;
  readonly version: number;
  readonly atMs: number;
}

/** Places that have changed, as they are sent. */
export interface Places {
  readonly gone: readonly WireSharedPlace[];
  readonly set: readonly WireSharedEntry[];
}

/** How many changes of entries a key remembers in order. Others are found by a look at all. */
const MAX_RECENT = 4_096;

/** Returns how a value is stored. */
export function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) return isListById(value) ? "list" : "whole";
  return isPlain(value) ? "record" : "whole";
}

/** Returns the entries of a record or list, in order. */
export function entriesOf(value: unknown): [id: string, value: unknown][] {
  if (!Array.isArray(value)) return Object.entries(value as object);
  return value.map((item: { id: string }) => [item.id, item]);
}

function isListById(items: readonly unknown[]): boolean {
  const ids = new Set(items.map((item) => (isPlain(item) ? item["id"] : undefined)));
  const areTexts = Array.from(ids).every((id) => typeof id === "string" && id !== "" && isName(id));
  return items.length > 0 && ids.size === items.length && areTexts;
}

/** The shared state in memory, by entry. */
export class SharedValue {
  /** Incremented by each change; 0 for the initial value. */
  version = 0;
  /** The length of its JSON in bytes. */
  bytes = 2;
  /** The place after all others. */
  nextPlace = 1;
  readonly #parts = new Map<string, Part>();
  /** Oldest first, by key and entry. */
  readonly #tombstones = new Map<string, Tombstone>();
  #value: Readonly<Record<string, unknown>> | undefined;

  /** The value as a deeply frozen object. It is the same until the next change. */
  get value(): Readonly<Record<string, unknown>> {
    if (this.#value) return this.#value;
    const value: Record<string, unknown> = {};
    for (const [key, part] of this.#parts) value[key] = valueOf(part);
    return (this.#value = seal(value, 0));
  }

  keys(): Iterable<string> {
    return this.#parts.keys();
  }

  kind(key: string): Kind | undefined {
    return this.#parts.get(key)?.kind;
  }

  /** Returns the value of a key. */
  get(key: string): unknown {
    const part = this.#parts.get(key);
    return part && valueOf(part);
  }

  /** The entries of a key, in order. */
  entries(key: string): ReadonlyMap<string, Entry> {
    return this.#parts.get(key)?.entries ?? NO_ENTRIES;
  }

  /** The place of a key among the keys. */
  place(key: string): number | undefined {
    return this.#parts.get(key)?.place;
  }

  get tombstones(): Iterable<Tombstone> {
    return this.#tombstones.values();
  }

  get tombstoneCount(): number {
    return this.#tombstones.size;
  }

  forget({ key, entry }: Tombstone): void {
    this.#tombstones.delete(placeName(key, entry));
  }

  /** Returns the length in bytes that the value would have. */
  bytesAfter(writes: readonly Write[]): number {
    const replaced = new Set<string>();
    let { bytes } = this;
    for (const { key, entry, bytes: added } of writes) {
      const part = this.#parts.get(key);
      if (entry === null) {
        replaced.add(key);
        bytes -= part ? lengthOf(part) : 0;
      } else if (!replaced.has(key)) bytes -= part?.entries.get(entry)?.bytes ?? 0;
      bytes += added;
    }
    return bytes;
  }

  /** Applies changes, which then have this version. */
  apply(writes: readonly Write[], version: number, nowMs: number): void {
    this.bytes = this.bytesAfter(writes);
    const unordered = new Set<Part>();
    for (const write of writes) {
      this.#take(write, version, nowMs, unordered);
      this.nextPlace = Math.max(this.nextPlace, Math.floor(write.place) + 1);
    }
    for (const part of unordered) part.entries = inOrder(part.entries);
    this.version = Math.max(this.version, version);
    this.#value = undefined;
  }

  /**
   * Returns the value that was stored.
   *
   * @param rows its keys and entries, each key before its entries, and the entries in order.
   * @param tombstones oldest first.
   */
  static stored(
    rows: readonly (Write & { readonly version: number })[],
    tombstones: readonly Tombstone[],
  ): SharedValue {
    const stored = new SharedValue();
    for (const row of rows) {
      stored.#take(row, row.version, 0, new Set());
      stored.bytes += row.bytes;
      stored.version = Math.max(stored.version, row.version);
      stored.nextPlace = Math.max(stored.nextPlace, Math.floor(row.place) + 1);
    }
    for (const { key, entry, version, atMs } of tombstones) {
      stored.#bury(key, entry, version, atMs);
      stored.version = Math.max(stored.version, version);
    }
    for (const part of stored.#parts.values()) {
      part.latest = stored.version;
      part.recent = [];
      part.recentFrom = stored.version;
    }
    return stored;
  }

  /**
   * Returns all places that have changed after a version.
   *
   * @param version -1 for all places.
   */
  since(version: number): Places {
    const gone = Array.from(this.#tombstones.values())
      .filter((tombstone) => tombstone.version > version)
      .map(({ key, entry }): WireSharedPlace => (entry === null ? [key] : [key, entry]));
    const set = Array.from(this.#parts).flatMap(([key, part]) =>
      part.version > version ? [[key, valueOf(part)] as const] : entriesSince(key, part, version),
    );
    return { gone: version < 0 ? [] : gone, set };
  }

  /** Returns a value that later changes of this one leave alone. */
  copy(): SharedValue {
    const copy = new SharedValue();
    for (const [key, part] of this.#parts) {
      copy.#parts.set(key, { ...part, entries: new Map(part.entries), recent: [...part.recent] });
    }
    for (const [name, tombstone] of this.#tombstones) copy.#tombstones.set(name, tombstone);
    const { version, bytes, nextPlace } = this;
    return Object.assign(copy, { version, bytes, nextPlace });
  }

  #take(write: Write, version: number, nowMs: number, unordered: Set<Part>): void {
    const { key, entry, kind, value, place, bytes } = write;
    const isGone = value === undefined;
    if (entry === null) {
      this.#dropTombstonesOf(key);
      if (isGone) {
        this.#parts.delete(key);
        return this.#bury(key, null, version, nowMs);
      }
      return void this.#parts.set(key, {
        kind: kind ?? "whole",
        version,
        place,
        bytes,
        entries: new Map(),
        value: kind === "whole" ? value : undefined,
        latest: version,
        recent: [],
        recentFrom: version,
      });
    }
    const part = this.#parts.get(key);
    if (!part) return;
    const before = part.entries.get(entry);
    if (isGone) part.entries.delete(entry);
    else part.entries.set(entry, { value, version, place, bytes });
    if (isGone) this.#bury(key, entry, version, nowMs);
    else if (this.#tombstones.size > 0) this.#tombstones.delete(placeName(key, entry));
    if (part.kind === "list" && !isGone && before?.place !== place) unordered.add(part);
    part.value = undefined;
    part.latest = Math.max(part.latest, version);
    part.recent.push({ version, entry });
    if (part.recent.length > MAX_RECENT) {
      part.recentFrom = part.recent.splice(0, MAX_RECENT / 2).at(-1)?.version ?? version;
    }
  }

  #bury(key: string, entry: string | null, version: number, atMs: number): void {
    const name = placeName(key, entry);
    this.#tombstones.delete(name);
    this.#tombstones.set(name, { key, entry, version, atMs });
  }

  #dropTombstonesOf(key: string): void {
    for (const [name, tombstone] of this.#tombstones) {
      if (tombstone.key === key) this.#tombstones.delete(name);
    }
  }
}

const NO_ENTRIES: ReadonlyMap<string, Entry> = new Map();

/** Returns one text for a key and an entry. */
export function placeName(key: string, entry: string | null): string {
  return JSON.stringify([key, entry]);
}

function lengthOf({ bytes, entries }: Part): number {
  let length = bytes;
  for (const entry of entries.values()) length += entry.bytes;
  return length;
}

function valueOf(part: Part): unknown {
  if (part.kind === "whole" || part.value !== undefined) return part.value;
  const values = Array.from(part.entries, ([id, { value }]) => [id, value] as const);
  part.value = seal(
    part.kind === "list" ? values.map(([, value]) => value) : Object.fromEntries(values),
    1,
  );
  return part.value;
}

function inOrder(entries: Map<string, Entry>): Map<string, Entry> {
  return new Map(Array.from(entries).toSorted(([, one], [, other]) => one.place - other.place));
}

/** Returns the entries of a key that have changed after a version, in order. */
function entriesSince(key: string, part: Part, version: number): WireSharedEntry[] {
  if (part.latest <= version) return [];
  if (part.kind === "list") return itemsSince(key, part, version);
  const { entries } = part;
  const names = version >= part.recentFrom ? recentNames(part, version) : entries.keys();
  return Array.from(names).flatMap((name): WireSharedEntry[] => {
    const entry = entries.get(name);
    return entry && entry.version > version ? [[key, name, entry.value]] : [];
  });
}

function itemsSince(key: string, { entries }: Part, version: number): WireSharedEntry[] {
  const set: WireSharedEntry[] = [];
  let after: string | null = null;
  for (const [id, entry] of entries) {
    if (entry.version > version) set.push([key, id, entry.value, after]);
    after = id;
  }
  return set;
}

/** Returns the names of entries that may have changed after a version, in the order of the entries. */
function recentNames({ recent, entries }: Part, version: number): string[] {
  const names = new Set<string>();
  for (let index = recent.length - 1; index >= 0; index -= 1) {
    const change = recent[index];
    if (!change || change.version <= version) break;
    names.add(change.entry);
  }
  const placeOf = (name: string) => entries.get(name)?.place ?? 0;
  return Array.from(names).toSorted((one, other) => placeOf(one) - placeOf(other));
}
