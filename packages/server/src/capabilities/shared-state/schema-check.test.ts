import { isPartyError, type Schema } from "@partyflare/shared";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cases } from "../../../../../harness/scale";
import { edit } from "./draft";
import { replacing, SchemaCheck } from "./schema-check";
import { SharedValue } from "./shared-value";
import { writesOf } from "./writes";

type Json = Record<string, unknown>;
type Step = readonly [key: string, entry: string | null, value: unknown];

/** The same schema, of a vendor of which nothing is known: it is checked as a whole. */
function unknownVendor(schema: Schema): Schema {
  const { validate } = schema["~standard"];
  return {
    "~standard": { version: 1, vendor: "nobody", validate: (value) => validate(value) },
  };
}

function valueOf(whole: Json): SharedValue {
  const value = new SharedValue();
  value.apply(writesOf(value, replacing(whole, value)), 0, 0);
  return value;
}

/** Changes a value, and returns the value afterwards, or the code of the refusal. */
function changed(schema: Schema, before: Json, steps: readonly Step[]): unknown {
  const check = new SchemaCheck(schema);
  const value = valueOf(check.whole(before));
  try {
    const edits = edit(value, (draft) => {
      for (const [key, entry, set] of steps) {
        const place = entry === null ? draft : (draft as Json)[key];
        const name = entry ?? key;
        if (typeof place !== "object" || place === null) continue;
        if (set === undefined) delete (place as Json)[name];
        else (place as Json)[name] = structuredClone(set);
      }
    });
    value.apply(writesOf(value, check.edits(edits, value)), 1, 0);
    return value.value;
  } catch (error) {
    return isPartyError(error) ? error.code : String(error).slice(0, 40);
  }
}

const SCHEMAS: Record<string, Schema> = {
  "zod object": z.object({
    a: z.number(),
    b: z.record(z.string(), z.number().max(5)),
    c: z.array(z.object({ id: z.string(), n: z.number().optional() })),
  }),
  "zod object that strips": z.object({
    a: z.object({ x: z.number() }).optional(),
    b: z.record(z.string().max(2), z.object({ x: z.number().default(1) })),
    c: z.unknown(),
  }),
  "zod strict object": z.strictObject({ a: z.unknown(), b: z.record(z.string(), z.unknown()) }),
  "zod loose object": z.looseObject({ a: z.number().optional() }),
  "zod object with a catchall": z.object({ a: z.unknown() }).catchall(z.number()),
  "zod object with a rule for the whole": z
    .object({ a: z.unknown(), b: z.record(z.string(), z.unknown()) })
    .refine(({ a, b }) => a !== 3 && Object.keys(b).length < 3),
  "zod record with a rule": z.object({
    a: z.unknown().optional(),
    b: z.record(z.string(), z.unknown()).refine((b) => Object.keys(b).length < 2),
  }),
  "zod defaults, coercion and catch": z.object({
    a: z.coerce.number().default(2),
    b: z.record(z.string(), z.coerce.string()).default({}),
    c: z.array(z.unknown()).catch([]),
  }),
  "zod names that change or are refused": z.object({
    a: z.unknown().optional(),
    b: z.record(z.string().toLowerCase(), z.unknown()),
    c: z.record(z.string().regex(/^[a-z]$/), z.unknown()).optional(),
  }),
  "zod record of an enum": z.object({
    a: z.record(z.enum(["x", "y"]), z.number()).optional(),
    b: z.partialRecord(z.enum(["x", "y"]), z.number()),
  }),
  "zod loose record": z.object({ b: z.looseRecord(z.string().regex(/^x/), z.number()) }),
  "zod record with a transform": z.object({
    a: z.unknown().transform((a) => (typeof a === "number" ? a : 0)),
    b: z.record(z.string(), z.unknown().transform(String)),
  }),
  "zod union, pipe, readonly, lazy": z.object({
    a: z.union([z.number(), z.record(z.string(), z.number())]).optional(),
    b: z.record(z.string(), z.number()).readonly(),
    c: z.lazy(() => z.record(z.string(), z.number())).optional(),
  }),
  "zod union of objects": z.union([
    z.object({ a: z.literal(1), b: z.record(z.string(), z.number()) }),
    z.object({ a: z.unknown(), b: z.record(z.string(), z.string()) }),
  ]),
  "valibot object": v.object({
    a: v.number(),
    b: v.record(v.string(), v.pipe(v.number(), v.maxValue(5))),
    c: v.array(v.object({ id: v.string(), n: v.optional(v.number(), 1) })),
  }),
  "valibot strict object": v.strictObject({ a: v.unknown(), b: v.record(v.string(), v.unknown()) }),
  "valibot loose object": v.looseObject({ a: v.optional(v.number()) }),
  "valibot object with a rest": v.objectWithRest({ a: v.unknown() }, v.number()),
  "valibot object with a rule": v.pipe(
    v.object({ a: v.unknown(), b: v.record(v.string(), v.unknown()) }),
    v.check(({ a }) => a !== 3),
  ),
  "valibot fallbacks": v.object({
    a: v.fallback(v.number(), 1),
    b: v.fallback(v.record(v.string(), v.number()), { x: 1 }),
  }),
  "valibot fallback of the whole": v.fallback(
    v.object({ a: v.number(), b: v.record(v.string(), v.number()) }),
    { a: 1, b: { y: 2 } },
  ),
  "valibot names that change": v.object({
    a: v.optional(v.unknown()),
    b: v.record(v.pipe(v.string(), v.toLowerCase(), v.maxLength(2)), v.unknown()),
    c: v.optional(v.record(v.picklist(["x", "y"]), v.unknown())),
  }),
};

const name = fc.constantFrom("x", "y", "Y", "xyz", "constructor", "prototype", "toString");
const leaf = fc.oneof(fc.nat({ max: 7 }), fc.constantFrom("x", "5", null, true));
const plain = { noNullPrototype: true } as const;
const tree = fc.oneof(
  leaf,
  fc.dictionary(name, leaf, { maxKeys: 3, ...plain }),
  fc.dictionary(name, fc.record({ x: leaf, z: leaf }, { requiredKeys: [], ...plain }), {
    maxKeys: 2,
    ...plain,
  }),
  fc.array(fc.record({ id: fc.constantFrom("1", "2"), n: leaf }, { requiredKeys: [], ...plain }), {
    maxLength: 2,
  }),
);
const key = fc.constantFrom("a", "b", "c", "d");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, fc.constant(null), fc.option(tree, { nil: undefined, freq: 5 })),
  fc.tuple(key, name, fc.option(tree, { nil: undefined, freq: 5 })),
);
/** Values that fit most of the schemas, and any others. */
const before: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    { a: 1, b: {}, c: [] },
    { a: 1, b: { x: 2, y: 3 }, c: [{ id: "1", n: 2 }] },
    { a: { x: 1 }, b: { x: { x: 1 } }, c: {} },
    { a: 1, b: { x: 1 } },
    { a: 1 },
    { b: { x: 2 } },
  ),
  fc.record({ a: tree, b: tree, c: tree }, { requiredKeys: [], ...plain }),
);

describe("a check of what has changed", () => {
  it.each(Object.keys(SCHEMAS))("ends like a check of the whole: %s", (title) => {
    const schema = SCHEMAS[title]!;
    let accepted = 0;
    fc.assert(
      fc.property(before, fc.array(step, { minLength: 1, maxLength: 4 }), (first, steps) => {
        let whole: Json;
        try {
          whole = new SchemaCheck(schema).whole(first);
          new SchemaCheck(schema).whole(whole);
        } catch {
          return;
        }
        accepted += 1;
        expect(changed(schema, whole, steps)).toEqual(changed(unknownVendor(schema), whole, steps));
      }),
      { numRuns: cases(5_000) },
    );
    expect(accepted).toBeGreaterThan(10);
  });
});
