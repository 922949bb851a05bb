import { utf8Length } from "@partyflare/shared/internal";
import type { Edits } from "./draft";
import { isSame } from "./json";
import {
  entriesOf,
  type Entry,
  type Kind,
  kindOf,
  placeName,
  type SharedValue,
  type Write,
} from "./shared-value";

/** Returns the rows that changes write. A value that stays the same writes none. */
export function writesOf(value: SharedValue, edits: Edits): Write[] {
  const writes: Write[] = [];
  let place = value.nextPlace;
  for (const [key, edit] of edits) {
    if (edit.kind === "gone") {
      if (value.kind(key) !== undefined) writes.push(gone(key, null));
      continue;
    }
    if (edit.kind === "set") {
      const kind = kindOf(edit.value);
      if (kind !== value.kind(key)) {
        const keyPlace = value.place(key) ?? place++;
        writes.push(...wholeKey(key, kind, edit.value, keyPlace));
      } else if (kind === "whole") {
        if (isSame(value.get(key), edit.value)) continue;
        writes.push(keyRow(key, kind, edit.value, value.place(key) ?? place++));
      } else {
        const entries = entriesOf(edit.value);
        const names = new Set(entries.map(([name]) => name));
        for (const name of value.entries(key).keys()) {
          if (!names.has(name)) writes.push(gone(key, name));
        }
        if (kind === "record") {
          writes.push(...entryRows(key, value.entries(key), entries, () => place++));
        } else writes.push(...itemRows(key, value.entries(key), entries));
      }
      continue;
    }
    for (const name of edit.gone) {
      if (value.entries(key).has(name)) writes.push(gone(key, name));
    }
    writes.push(...entryRows(key, value.entries(key), edit.set, () => place++));
  }
  return writes;
}

/** Returns the rows of a value that was never stored, with changes of it. */
export function withAllRows(value: SharedValue, writes: readonly Write[]): Write[] {
  const keys = new Set(writes.filter(({ entry }) => entry === null).map(({ key }) => key));
  const places = new Set(writes.map(({ key, entry }) => placeName(key, entry)));
  const untouched = writesOfAll(value).filter(
    ({ key, entry }) => !keys.has(key) && !places.has(placeName(key, entry)),
  );
  return [...untouched, ...writes];
}

function writesOfAll(value: SharedValue): Write[] {
  return Array.from(value.keys()).flatMap((key) =>
    wholeKey(key, value.kind(key) ?? "whole", value.get(key), value.place(key) ?? 0),
  );
}

function wholeKey(key: string, kind: Kind, value: unknown, place: number): Write[] {
  if (kind === "whole") return [keyRow(key, kind, value, place)];
  const entries = entriesOf(value).map(([name, each], index) =>
    entryRow(key, name, each, index + 1),
  );
  return [keyRow(key, kind, value, place), ...entries];
}

function keyRow(key: string, kind: Kind, value: unknown, place: number): Write {
  const json = kind === "whole" ? JSON.stringify(value) : kind === "record" ? "{}" : "[]";
  const held = kind === "whole" ? value : null;
  return { key, entry: null, kind, value: held, place, json, bytes: rowLength(key, json) };
}

function entryRow(key: string, entry: string, value: unknown, place: number): Write {
  const json = JSON.stringify(value);
  return { key, entry, value, place, json, bytes: rowLength(entry, json) };
}

function gone(key: string, entry: string | null): Write {
  return { key, entry, value: undefined, place: 0, json: null, bytes: 0 };
}

/** A text that JSON writes as it is, in quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The length in bytes of a name and its value in JSON, with a colon and a comma. */
export function rowLength(name: string, json: string): number {
  const nameLength = PLAIN.test(name) ? name.length + 2 : utf8Length(JSON.stringify(name));
  return nameLength + utf8Length(json) + 2;
}

function entryRows(
  key: string,
  before: ReadonlyMap<string, Entry>,
  set: Iterable<readonly [name: string, value: unknown]>,
  newPlace: () => number,
): Write[] {
  return Array.from(set).flatMap(([name, value]) => {
    const entry = before.get(name);
    if (entry && isSame(entry.value, value)) return [];
    return [entryRow(key, name, value, entry?.place ?? newPlace())];
  });
}

/** Returns the rows of a list's items that are new, have changed, or have moved. */
function itemRows(
  key: string,
  before: ReadonlyMap<string, Entry>,
  items: readonly (readonly [id: string, value: unknown])[],
): Write[] {
  const places = placesOf(items.map(([id]) => before.get(id)?.place));
  return items.flatMap(([id, value], index) => {
    const entry = before.get(id);
    const place = places[index] ?? 0;
    if (entry?.place === place && isSame(entry.value, value)) return [];
    return [entryRow(key, id, value, place)];
  });
}

/**
 * Returns ascending places for the items of a list. As many as possible keep theirs.
 *
 * @param before the places that the items had; undefined for new ones.
 */
export function placesOf(before: readonly (number | undefined)[]): number[] {
  const kept = longestAscending(before);
  const places: number[] = [];
  for (let index = 0; index < before.length;) {
    const place = before[index];
    if (place !== undefined && kept.has(index)) {
      places.push(place);
      index += 1;
      continue;
    }
    let end = index;
    while (end < before.length && !kept.has(end)) end += 1;
    places.push(...placesBetween(places.at(-1), before[end], end - index));
    index = end;
  }
  const areDistinct = places.every(
    (place, index) => index === 0 || place > Number(places[index - 1]),
  );
  // Numbers have no more room between two places: all items get new ones.
  return areDistinct ? places : places.map((_, index) => index + 1);
}

function placesBetween(low: number | undefined, high: number | undefined, count: number): number[] {
  const from = low ?? (high === undefined ? 0 : high - count - 1);
  const step = high === undefined ? 1 : (high - from) / (count + 1);
  return Array.from({ length: count }, (_, index) => from + step * (index + 1));
}

/** Returns the indexes of a longest ascending subsequence (patience sorting). */
export function longestAscending(values: readonly (number | undefined)[]): Set<number> {
  /** For each length, the index of the smallest last value. */
  const ends: number[] = [];
  const previous = new Map<number, number | undefined>();
  values.forEach((value, index) => {
    if (value === undefined) return;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Number(values[Number(ends[middle])]) < value) low = middle + 1;
      else high = middle;
    }
    previous.set(index, ends[low - 1]);
    ends[low] = index;
  });
  const longest = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = previous.get(index))
    longest.add(index);
  return longest;
}
