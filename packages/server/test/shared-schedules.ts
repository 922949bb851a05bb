import fc from "fast-check";

/** A change of one place. */
export type Edit =
  | { kind: "vote"; name: string; choice: string | null }
  | { kind: "phase"; phase: "closed" | "open" }
  | { kind: "secret"; name: string; owner: string | null }
  | {
      kind: "task";
      how: "clear" | "edit" | "move" | "push" | "remove" | "sort" | "unshift";
      at: number;
    }
  | { kind: "any"; key: string; value: unknown }
  | { kind: "big"; name: string };

/** What happens in a room. */
export type Step =
  | { kind: "change"; edits: Edit[] }
  /** A function that changes the draft and then throws, or that the schema refuses. */
  | { kind: "refuse"; edits: Edit[]; throws: boolean }
  | {
      kind: "transact";
      outer: Edit[];
      inner: Edit[];
      after: Edit[];
      fails: "both" | "inner" | "none" | "outer";
    }
  /** A transaction of the platform, of which the library knows nothing. */
  | { kind: "platform"; edits: Edit[]; fails: boolean }
  | { kind: "call"; slot: number; edits: Edit[]; fails: boolean; later: boolean }
  /** It asks with its own position, with another run's, or with the text. */
  | { kind: "join"; slot: number; user: string; isHost: boolean; asked: string }
  | { kind: "leave"; slot: number }
  | { kind: "behind"; slot: number; isBehind: boolean }
  | { kind: "become"; slot: number; user: string }
  | { kind: "tag"; slot: number; isHost: boolean }
  | { kind: "pass"; ms: number }
  | { kind: "crash" | "settle" | "sleep" | "wipe" }
  | { kind: "deploy"; migrates: boolean; keepTombstones: number };

const PLAIN = { noNullPrototype: true } as const;
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, PLAIN);
const kind = <Kind extends string>(...kinds: Kind[]) => fc.constantFrom<Kind[]>(...kinds);

const name = fc.constantFrom("a", "b", "c", "0", "é");
const user = fc.constantFrom("ada", "bob");
const slot = fc.nat({ max: 2 });
const leaf = fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("x", null, ""));
const item = record({ id: fc.constantFrom("1", "2", "3", "0"), of: leaf });
/** Of every kind: whole, record and list, and lists that are none. */
const anything = fc.oneof(
  leaf,
  fc.dictionary(name, leaf, { maxKeys: 3, ...PLAIN }),
  fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 4 }),
  fc.array(item, { maxLength: 2 }),
  fc.constant([]),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 3,
    arbitrary: record({
      kind: kind("vote"),
      name,
      choice: fc.constantFrom("red", "blue", null, null),
    }),
  },
  { weight: 1, arbitrary: record({ kind: kind("phase"), phase: kind("open", "closed") }) },
  {
    weight: 3,
    arbitrary: record({ kind: kind("secret"), name, owner: fc.constantFrom("ada", "bob", null) }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: kind("task"),
      how: kind("clear", "edit", "move", "move", "push", "push", "remove", "sort", "unshift"),
      at: fc.nat({ max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: kind("any"),
      key: fc.constantFrom("x", "y", "1"),
      value: fc.option(anything, { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: record({ kind: kind("big"), name }) },
);

const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
const few = fc.array(edit, { maxLength: 2 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: record({ kind: kind("change"), edits }) },
  { weight: 1, arbitrary: record({ kind: kind("refuse"), edits, throws: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: record({
      kind: kind("transact"),
      outer: few,
      inner: few,
      after: few,
      fails: kind("both", "inner", "none", "outer"),
    }),
  },
  { weight: 1, arbitrary: record({ kind: kind("platform"), edits, fails: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: record({
      kind: kind("call"),
      slot,
      edits: few,
      fails: fc.boolean(),
      later: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: record({
      kind: kind("join"),
      slot,
      user,
      isHost: fc.constantFrom(true, false, false),
      asked: fc.oneof(
        { weight: 3, arbitrary: fc.constant("known") },
        { weight: 1, arbitrary: fc.constant("") },
        {
          weight: 1,
          arbitrary: fc.constantFrom("other", "x.1", ".0", ".99", "-.-", "x".repeat(500)),
        },
      ),
    }),
  },
  { weight: 2, arbitrary: record({ kind: kind("leave"), slot }) },
  { weight: 2, arbitrary: record({ kind: kind("behind"), slot, isBehind: fc.boolean() }) },
  { weight: 2, arbitrary: record({ kind: kind("become"), slot, user }) },
  { weight: 2, arbitrary: record({ kind: kind("tag"), slot, isHost: fc.boolean() }) },
  { weight: 3, arbitrary: record({ kind: kind("pass"), ms: fc.constantFrom(5, 16, 30, 100) }) },
  {
    weight: 4,
    arbitrary: record({ kind: kind("crash", "settle", "settle", "sleep", "sleep", "wipe") }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: kind("deploy"),
      migrates: fc.boolean(),
      keepTombstones: fc.nat({ max: 3 }),
    }),
  },
);

export const schedules = fc.array(step, { minLength: 1, maxLength: 30 });
