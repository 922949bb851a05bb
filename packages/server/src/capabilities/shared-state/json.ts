import { MAX_SHARED_DEPTH, mistake } from "@partyflare/shared/internal";

/**
 * Values that this file has made: frozen JSON, which is not copied again. Each has the length of the
 * longest path at which it is known not to nest too deeply.
 */
const sealedValues = new WeakMap<object, number>();

/** The keys that lead to a value, outermost first. */
export type Path = readonly (string | number)[];

/**
 * Returns a deeply frozen copy of a JSON value. Parts that are such copies already are kept.
 *
 * @throws TypeError that names the path of a value that JSON cannot hold. PartyError `invalid` for a
 *   key `__proto__`, and for values that nest too deeply: they may come from a client.
 */
export function sealed(value: unknown, path: Path): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  // JSON has no -0.
  if (typeof value === "number" && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (typeof value !== "object") throw notJson(path, nameOf(value));
  const longest = sealedValues.get(value);
  if (longest !== undefined && longest >= path.length) return value;
  // Also the end of a cycle.
  if (path.length >= MAX_SHARED_DEPTH) {
    const message = `The shared state nests at most ${MAX_SHARED_DEPTH} levels: "${path.slice(0, 4).join(".")}…" is deeper, or a cycle.`;
    throw mistake("invalid", { message });
  }
  const copy = Array.isArray(value) ? sealedItems(value, path) : sealedFields(value, path);
  const kept = longest === undefined ? Object.freeze(copy) : value;
  sealedValues.set(kept, path.length);
  return kept;
}

/**
 * Freezes JSON that was parsed from the storage, which holds only what was sealed before.
 *
 * @param depth the length of its path.
 */
export function sealParsed(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) sealParsed(part, depth + 1);
  return seal(value, depth);
}

/**
 * Freezes a value that the caller has made of sealed parts, and marks it as sealed.
 *
 * @param depth the length of its path.
 */
export function seal<Value extends object>(value: Value, depth: number): Value {
  sealedValues.set(value, depth);
  return Object.freeze(value);
}

function sealedItems(items: readonly unknown[], path: Path): unknown[] {
  // Not `map`, which skips holes.
  return Array.from(items, (item, index) => sealed(item, [...path, index]));
}

function sealedFields(value: object, path: Path): Record<string, unknown> {
  if (!isPlain(value)) throw notJson(path, nameOf(value));
  if (Object.getOwnPropertySymbols(value).length > 0) throw notJson(path, "an object with symbols");
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    checkKey(key, path);
    copy[key] = sealed(value[key], [...path, key]);
  }
  return copy;
}

/** Half of a surrogate pair. SQLite would store another text. */
const HALF_OF_A_PAIR = /\p{Surrogate}/u;

/** Whether a text can be the name of a row, and a key of plain objects. */
export function isName(text: string): boolean {
  return text !== "__proto__" && !HALF_OF_A_PAIR.test(text);
}

/** @throws PartyError `invalid` for a key that is no name: it may come from a client. */
export function checkKey(key: string, path: Path): void {
  if (isName(key)) return;
  const name = JSON.stringify(key.slice(0, MAX_SHOWN_KEY_LENGTH));
  const message = `${name} cannot be a key of the shared state, in "${path.join(".")}".`;
  throw mistake("invalid", { message, issues: [{ path: [...path, key], message }] });
}

/** The part of a key that an error's text shows. */
const MAX_SHOWN_KEY_LENGTH = 100;

function notJson(path: Path, name: string): TypeError {
  const remedy = name === "undefined" ? "To remove a key, delete it." : "Store JSON.";
  return new TypeError(`The shared state's "${path.join(".")}" is ${name}. ${remedy}`);
}

function nameOf(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const { constructor } = value;
  return typeof constructor === "function" ? `a ${constructor.name}` : "no plain object";
}

/** Whether a value is an object without a class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns a value with all fields of an earlier one that it lacks, also those of its parts. A schema
 * that does not know a field drops it. Items of arrays belong together by `id`, or else by place.
 */
export function withFieldsOf(earlier: unknown, value: unknown): unknown {
  if (Array.isArray(earlier) && Array.isArray(value)) return withItemFields(earlier, value);
  if (!isPlain(earlier) || !isPlain(value)) return value;
  let all = value;
  for (const key of Object.keys(earlier)) {
    const isKnown = Object.hasOwn(value, key);
    const part = isKnown ? withFieldsOf(earlier[key], value[key]) : earlier[key];
    if (isKnown && part === value[key]) continue;
    if (all === value) all = { ...value };
    all[key] = part;
  }
  return all;
}

function withItemFields(earlier: readonly unknown[], items: readonly unknown[]): unknown {
  const byId = new Map(earlier.map((item) => [idOf(item), item]));
  const haveIds = byId.size === earlier.length && !byId.has(undefined);
  // Without ids, they belong together only if nothing but fields is gone.
  const areInPlace = items.every((item, index) => isPartOf(item, earlier[index]));
  if (!haveIds && (earlier.length !== items.length || !areInPlace)) return items;
  const all = items.map((item, index) =>
    withFieldsOf(haveIds ? byId.get(idOf(item)) : earlier[index], item),
  );
  return all.every((item, index) => item === items[index]) ? items : all;
}

/** Whether a value has nothing that another one has not, too. */
function isPartOf(value: unknown, whole: unknown): boolean {
  if (!isPlain(value) || !isPlain(whole)) return isSame(value, whole);
  return Object.keys(value).every(
    (key) => Object.hasOwn(whole, key) && isPartOf(value[key], whole[key]),
  );
}

function idOf(item: unknown): unknown {
  return isPlain(item) ? item["id"] : undefined;
}

/** Whether two JSON values are equal. The order of keys does not matter. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) => Object.hasOwn(other, key) && isSame(Reflect.get(one, key), Reflect.get(other, key)),
    )
  );
}
