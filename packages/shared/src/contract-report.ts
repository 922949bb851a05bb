import type { Schema } from "./contract";

/** Any value. `Schema` comes first, so that editors complete it and know its parameters. */
type Anything = Schema | {} | null | undefined;

type DraftTable = Readonly<Record<string, Anything>> | Anything;

type DraftCall =
  | {
      readonly input?: Anything;
      readonly output?: Anything;
      readonly errors?: DraftTable;
      readonly once?: Anything;
    }
  | Anything;

/** The parameter type of `defineContract`. It accepts mistakes, so that an error can name them. */
export type Draft =
  | {
      readonly fromClient?: DraftTable;
      readonly fromServer?: DraftTable;
      readonly calls?: Readonly<Record<string, DraftCall>> | Anything;
      readonly state?: Anything;
      readonly presence?: Anything;
      readonly member?: Anything;
      readonly shared?: Anything;
      readonly tags?: Anything;
    }
  | {};

/**
 * The type of a contract with a mistake: every key exists, with type any. So TypeScript reports the
 * mistake only at its own place.
 */
export interface AnyContract {
  readonly fromClient: Readonly<Record<string, AnySchema>>;
  readonly fromServer: Readonly<Record<string, AnySchema>>;
  readonly calls: Readonly<Record<string, AnyCall>>;
  readonly state: AnySchema;
  readonly presence: AnySchema;
  readonly member: AnySchema;
  readonly shared: AnySchema;
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly tags: readonly any[];
}

// oxlint-disable-next-line typescript/no-explicit-any -- see `AnyContract`
type AnySchema = Schema<any>;

interface AnyCall {
  readonly input: AnySchema;
  readonly output: AnySchema;
  readonly errors: Readonly<Record<string, AnySchema>>;
}

/** The draft itself if it has no mistakes; otherwise the type of each mistake is an error text. */
export type CheckedContract<C> = [C] extends [Report<C>] ? C : Report<C>;

/** The draft itself if it has no mistakes; otherwise `AnyContract`. */
export type DefinedContract<C> = [C] extends [Report<C>] ? C : AnyContract;

type Report<C> = {
  readonly [Key in keyof C]: Key extends "fromClient" | "fromServer"
    ? EventsReport<C[Key], CallNames<C>>
    : Key extends "calls"
      ? CallsReport<C[Key]>
      : Key extends "state" | "presence" | "member" | "shared"
        ? SchemaReport<C[Key]>
        : Key extends "tags"
          ? TagsReport<C[Key]>
          : "A contract has no such key. It has fromClient, fromServer, calls, state, presence, member, shared and tags.";
};

type CallNames<C> = C extends { readonly calls: infer Calls } ? keyof Calls : never;

type EventsReport<Events, Calls> =
  true extends IsSchema<Events>
    ? "These are schemas by name: { said: schema }."
    : { readonly [Name in keyof Events]: NameReport<Name, Calls> & SchemaReport<Events[Name]> };

type CallsReport<Calls> =
  true extends IsSchema<Calls>
    ? "These are calls by name: { rename: { input: schema, output: schema } }."
    : { readonly [Name in keyof Calls]: NameReport<Name, never> & CallReport<Calls[Name]> };

type CallReport<Call> = "output" extends keyof Call
  ? {
      readonly [Key in keyof Call]: Key extends "input" | "output"
        ? SchemaReport<Call[Key]>
        : Key extends "errors"
          ? EventsReport<Call[Key], never>
          : Key extends "once"
            ? Call[Key] extends boolean | undefined
              ? unknown
              : "`once` is true or false."
            : "A call has no such key. It has input, output, errors and once.";
    }
  : "A call has an output: { input: schema, output: schema }.";

type SchemaReport<Value> = true extends IsAny<Value> | IsSchema<Value>
  ? unknown
  : [Value] extends [undefined]
    ? "This is undefined. Check its import, also for a circular one."
    : "This is no Standard Schema. Use zod (3.24 or newer), valibot, arktype, or type<T>().";

/** Checks the key alone: comparing all types of a validator takes twice the time. */
type IsSchema<Value> = string extends keyof NonNullable<Value>
  ? false
  : "~standard" extends keyof NonNullable<Value>
    ? true
    : false;

type IsAny<Value> = 0 extends Value & 1 ? true : false;

type TagsReport<Tags> = Tags extends readonly string[] | undefined
  ? unknown
  : 'Tags are texts: ["host", "guest"].';

type NameReport<Name, Calls> = Name extends `$${string}`
  ? "A name does not begin with $: frames of the library do."
  : Name extends ObjectKey
    ? "A name is not a property of every object."
    : Name extends Calls
      ? "A name is not both an event and a call."
      : unknown;

/** The properties of `Object.prototype`. */
type ObjectKey =
  | "constructor"
  | "hasOwnProperty"
  | "isPrototypeOf"
  | "propertyIsEnumerable"
  | "toLocaleString"
  | "toString"
  | "valueOf"
  | "__proto__"
  | "__defineGetter__"
  | "__defineSetter__"
  | "__lookupGetter__"
  | "__lookupSetter__";
