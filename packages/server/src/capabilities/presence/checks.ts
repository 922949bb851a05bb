import type { PartyError, Schema } from "@partyflare/shared";
import {
  isSafe,
  isThenable,
  MAX_PRESENCE_BYTES,
  MAX_PRESENCE_DEPTH,
  mistake,
  utf8Length,
  validate,
  type WireFields,
  type WirePresenceUpdate,
} from "@partyflare/shared/internal";

/** The longest key of a member, in characters. An id of an app fits, and so does `Connection.client`. */
const MAX_KEY_LENGTH = 256;

const BOUNDS = `${MAX_PRESENCE_BYTES} bytes of JSON, nested ${MAX_PRESENCE_DEPTH} deep`;

/** The checked result of `who`. */
export interface Named {
  readonly key: string;
  readonly info: WireFields;
}

/**
 * Checks the result of `who`.
 *
 * @param schema the contract's `member`, which also removes fields that are not public.
 * @throws TypeError or RangeError that names the rule. It is the app's mistake.
 */
export function checkWho(
  result: unknown,
  client: string,
  schema: Schema | undefined,
): Named | null {
  if (result === null) return null;
  if (!isFields(result))
    throw new TypeError(`who() returns an object or null, not ${typeof result}.`);
  const { key = client, ...rest } = result;
  if (typeof key !== "string" || key === "" || key.length > MAX_KEY_LENGTH) {
    throw new TypeError(`who(): the key is text of 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  const info = asJson(schema ? validated(schema, rest) : rest);
  if (!info) throw new RangeError(`who() returns at most ${BOUNDS}, without "__proto__".`);
  return { key, info };
}

function validated(schema: Schema, info: WireFields): WireFields {
  let value: unknown;
  try {
    value = validate(schema, info);
  } catch (cause) {
    throw new TypeError("who() returns what the contract's `member` refuses.", { cause });
  }
  if (isThenable(value)) {
    // Its own error would have no handler.
    Promise.resolve(value).catch(() => {});
    throw new TypeError("The contract's `member` is an async schema.");
  }
  if (!isFields(value)) throw new TypeError("The contract's `member` is no schema of an object.");
  return value;
}

/**
 * Returns a copy of the data as clients get it: a Date is text there, and undefined is left out.
 * Undefined if it is too large, or if clients could not decode the list that holds it: each client
 * would then refuse every list of the room.
 */
function asJson(fields: WireFields): WireFields | undefined {
  const text = JSON.stringify(fields);
  if (utf8Length(text) > MAX_PRESENCE_BYTES) return undefined;
  const copy: unknown = JSON.parse(text);
  if (!isFields(copy)) throw new TypeError(`An object is needed, and its JSON is ${text}.`);
  return isSafe(copy, MAX_PRESENCE_DEPTH) ? copy : undefined;
}

/**
 * Checks a client's `$presence` frame.
 *
 * @throws PartyError `bad_frame`.
 */
export function checkUpdate(payload: unknown): WirePresenceUpdate {
  const { set, n, again = [] } = isFields(payload) ? payload : {};
  if (!isFields(set) || !Number.isSafeInteger(n) || Number(n) < 0) {
    throw mistake("bad_frame", { message: "`$presence` carries `{ set: fields, n: number }`." });
  }
  if (!Array.isArray(again) || !again.every((name) => typeof name === "string")) {
    throw mistake("bad_frame", { message: "`again` is a list of the names of fields." });
  }
  return { set, n: Number(n), again };
}

/**
 * Checks the whole data of a client, with its changes.
 *
 * @returns the data as the schema returns it, or the refusal.
 */
export function checkFields(
  schema: Schema | undefined,
  fields: WireFields,
): Checked | Promise<Checked> {
  if (!schema) {
    return { refused: mistake("invalid", { message: "The contract has no `presence`." }) };
  }
  // Before the schema runs: its work has a bound.
  if (utf8Length(JSON.stringify(fields)) > MAX_PRESENCE_BYTES) return { refused: tooLarge() };
  try {
    const value = validate(schema, fields);
    return isThenable(value) ? Promise.resolve(value).then(accepted, refusedBy) : accepted(value);
  } catch (error) {
    return refusedBy(error);
  }
}

/** The result of a check. */
export type Checked = { readonly value: WireFields } | { readonly refused: unknown };

function accepted(value: unknown): Checked {
  if (!isFields(value)) {
    return { refused: new TypeError("The contract's `presence` is no schema of an object.") };
  }
  try {
    const fields = asJson(value);
    return fields ? { value: fields } : { refused: tooLarge() };
  } catch (error) {
    return { refused: error };
  }
}

function refusedBy(error: unknown): Checked {
  return { refused: error };
}

/** @param cause the error of an attachment that has no room for it. */
export function tooLarge(cause?: unknown): PartyError {
  const message = `A client shares at most ${BOUNDS}, in presence.`;
  return mistake("too_large", { message, cause });
}

function isFields(value: unknown): value is WireFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
