import { isPartyError, type Schema } from "@partyflare/shared";
import { isThenable, mistake, validate } from "@partyflare/shared/internal";
import type { Edit, Edits } from "./draft";
import { isPlain, isSame, sealed, withFieldsOf } from "./json";
import { entriesOf, kindOf, type SharedValue } from "./shared-value";

/** The schemas of a record's names and values. */
interface RecordSchemas {
  readonly name: Schema;
  readonly value: Schema;
}

/**
 * Checks changes against the contract's schema. It checks only what has changed, where the schema
 * is an object or a record of zod 4 or valibot without a check on the whole. Other schemas check the
 * whole value, since a rule may connect its parts.
 */
export class SchemaCheck {
  /**
   * Whether the value has fields that the schema drops: a newer build has stored them. Changes leave
   * them alone where they touch nothing. Otherwise, the schema's output counts.
   */
  keepsUnknown = false;
  readonly #schema: Schema;
  /** The schemas of the keys, if each key may be checked alone. */
  readonly #fields: Readonly<Record<string, Schema>> | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#fields = fieldsOf(schema);
  }

  /**
   * Checks a whole value, and returns the schema's output, sealed.
   *
   * @throws PartyError `invalid`. TypeError if the schema is async, or its output is no object.
   */
  whole(value: unknown): Readonly<Record<string, unknown>> {
    return sealed(this.output(value), []) as Readonly<Record<string, unknown>>;
  }

  /** Checks a whole value, like `whole`, and returns the schema's output as it is. */
  output(value: unknown): object {
    const output = this.#isUnchecked ? value : checked(this.#schema, value, []);
    if (typeof output === "object" && output !== null && !Array.isArray(output)) return output;
    throw new TypeError("The contract's `shared` is no schema of an object.");
  }

  /** Checks changes of a value, and returns them with the schema's output. It throws like `whole`. */
  edits(edits: Edits, value: SharedValue): Edits {
    if (this.#isUnchecked || edits.size === 0) return edits;
    const checkedEdits = new Map<string, Edit>();
    for (const [key, edit] of edits) {
      const one = this.#edit(key, edit, value);
      if (!one) {
        const output = this.whole(changed(value.value, edits));
        const next = this.keepsUnknown ? withUntouched(value, output, edits) : output;
        return replacing(next, value);
      }
      checkedEdits.set(key, one);
    }
    return checkedEdits;
  }

  get #isUnchecked(): boolean {
    return this.#schema["~standard"].vendor === "partyflare";
  }

  /** Checks the change of one key; undefined if the whole value has to be checked. */
  #edit(key: string, edit: Edit, value: SharedValue): Edit | undefined {
    const schema = this.#fields && Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
    // A key may be required.
    if (!schema || edit.kind === "gone") return undefined;
    if (edit.kind === "set") {
      const output = checked(schema, edit.value, [key]);
      const next = this.keepsUnknown ? withUnchanged(value.get(key), edit.value, output) : output;
      return { kind: "set", value: sealed(next, [key]) };
    }
    const record = recordOf(schema);
    if (!record) {
      const next = changed({ [key]: value.get(key) }, new Map([[key, edit]]))[key];
      const output = checked(schema, next, [key]);
      const whole = this.keepsUnknown ? withUntouchedEntries(value, key, edit, output) : output;
      return { kind: "set", value: sealed(whole, [key]) };
    }
    const set = new Map<string, unknown>();
    for (const [name, entry] of edit.set) {
      if (SKIPPED_NAMES.has(name)) return undefined;
      if (checked(record.name, name, [key]) !== name) return undefined;
      set.set(name, checkedValue(record.value, entry, [key, name]));
    }
    return { ...edit, set };
  }
}

/** Names that valibot removes from a record. Only its own check of the whole record can tell. */
const SKIPPED_NAMES: ReadonlySet<string> = new Set(["constructor", "prototype"]);

/** Returns a schema's output with all fields of places that a change has not touched. */
function withUntouched(
  value: SharedValue,
  output: Readonly<Record<string, unknown>>,
  edits: Edits,
): object {
  const next = { ...output };
  for (const key of value.keys()) {
    const edit = edits.get(key);
    // The change has deleted it, or the schema has.
    if (edit && !Object.hasOwn(next, key)) continue;
    if (edit?.kind === "set") next[key] = withUnchanged(value.get(key), edit.value, next[key]);
    else if (edit?.kind === "entries") {
      next[key] = withUntouchedEntries(value, key, edit, next[key]);
    }
    if (!edit) {
      const isKnown = Object.hasOwn(next, key);
      next[key] = isKnown ? withFieldsOf(value.get(key), next[key]) : value.get(key);
    }
  }
  return sealed(next, []) as object;
}

/** Returns the output for a changed list, with the items from before that stay the same. */
function withUnchanged(before: unknown, next: unknown, output: unknown): unknown {
  if (!Array.isArray(output) || kindOf(before) !== "list" || kindOf(next) !== "list") return output;
  const earlier = new Map(entriesOf(before));
  const unchanged = new Map(entriesOf(next).filter(([id, item]) => isSame(earlier.get(id), item)));
  return output.map(
    (item: unknown) => (isPlain(item) && unchanged.get(String(item["id"]))) || item,
  );
}

function withUntouchedEntries(
  value: SharedValue,
  key: string,
  { set, gone }: Extract<Edit, { kind: "entries" }>,
  output: unknown,
): unknown {
  if (!isPlain(output)) return output;
  const record = { ...output };
  for (const [name, entry] of value.entries(key)) {
    if (set.has(name) || gone.has(name)) continue;
    const isKnown = Object.hasOwn(record, name);
    record[name] = isKnown ? withFieldsOf(entry.value, record[name]) : entry.value;
  }
  return record;
}

/** Returns the edits that replace a value. */
export function replacing(next: object, value: SharedValue): Edits {
  const edits = new Map<string, Edit>();
  for (const key of value.keys()) if (!Object.hasOwn(next, key)) edits.set(key, { kind: "gone" });
  for (const [key, each] of Object.entries(next)) edits.set(key, { kind: "set", value: each });
  return edits;
}

/** Returns a value with changes. */
function changed(value: Readonly<Record<string, unknown>>, edits: Edits): Record<string, unknown> {
  const next = { ...value };
  for (const [key, edit] of edits) {
    if (edit.kind === "gone") delete next[key];
    else if (edit.kind === "set") next[key] = edit.value;
    else {
      const record = { ...(next[key] as object), ...Object.fromEntries(edit.set) };
      for (const name of edit.gone) Reflect.deleteProperty(record, name);
      next[key] = record;
    }
  }
  return next;
}

type Path = readonly (string | number)[];

function checkedValue(schema: Schema, value: unknown, path: Path): unknown {
  return sealed(checked(schema, value, path), path);
}

/** Validates a value that stands at a path of the shared state. */
function checked(schema: Schema, value: unknown, path: Path): unknown {
  let output: unknown;
  try {
    output = validate(schema, value);
  } catch (error) {
    if (!isPartyError(error) || !error.issues) throw error;
    const issues = error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
    throw mistake("invalid", { issues });
  }
  if (!isThenable(output)) return output;
  Promise.resolve(output).catch(() => {});
  // zod does so, too, if a check throws.
  throw new TypeError(
    "The contract's `shared` returned a promise: it has an async check, or one that throws. change() is synchronous.",
  );
}

/** The parts of zod's and valibot's schemas that tell what they check. */
interface Definition {
  readonly type?: unknown;
  readonly checks?: readonly unknown[];
  readonly mode?: unknown;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly key?: Schema;
  readonly value?: Schema;
}

/** Returns a schema's definition, if it is one of zod 4 or valibot without checks of its own. */
function definitionOf(schema: Schema): Definition | undefined {
  const { vendor } = schema["~standard"];
  if (vendor === "zod" && "_zod" in schema) {
    const { def } = schema["_zod"] as { def: Definition };
    return def.checks?.length ? undefined : def;
  }
  if (vendor !== "valibot" || "pipe" in schema || "fallback" in schema) return undefined;
  return schema as Definition;
}

/** Returns the schemas of an object's keys. */
function fieldsOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const definition = definitionOf(schema);
  switch (definition?.type) {
    case "object":
    case "strict_object":
    case "loose_object":
      return definition.shape ?? definition.entries;
    default:
      return undefined;
  }
}

/** Returns the schemas of a record with any names. One with a list of names may require them all. */
function recordOf(schema: Schema): RecordSchemas | undefined {
  const { type, mode, keyType, key, valueType, value } = definitionOf(schema) ?? {};
  const name = keyType ?? key;
  const each = valueType ?? value;
  // A loose record keeps names that its schema of names refuses.
  if (type !== "record" || mode === "loose" || !name || !each) return undefined;
  return nameType(name) === "string" ? { name, value: each } : undefined;
}

/** Also of a text with checks: each name is checked. */
function nameType(schema: Schema): unknown {
  if ("_zod" in schema) return (schema["_zod"] as { def: Definition }).def.type;
  return (schema as Definition).type;
}
