import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Any Standard Schema: of zod, valibot, arktype, or `type<T>()`. */
export type Schema = StandardSchemaV1;

/** A call that a room answers. */
export interface CallDefinition {
  /** What the client sends. */
  readonly input: Schema;
  /** What the room answers. */
  readonly output: Schema;
  /** The codes with which the room may refuse, and the schema of each one's `data`. */
  readonly errors?: Readonly<Record<string, Schema>>;
  /**
   * Whether it takes effect once, however often the network makes the client send it: the client
   * keeps it until it is answered, and the room answers a repeat with what it has stored.
   */
  readonly once?: boolean;
}

/** What clients and rooms of one party exchange. Written with `defineContract`. */
export interface Contract {
  /** Events that clients send, by name. */
  readonly fromClient?: Readonly<Record<string, Schema>>;
  /** Events that the room sends, by name. */
  readonly fromServer?: Readonly<Record<string, Schema>>;
  /** What clients ask and the room answers, by name. */
  readonly calls?: Readonly<Record<string, CallDefinition>>;
  /** `connection.state`. */
  readonly state?: Schema;
  /** The tags that a connection may carry. */
  readonly tags?: readonly string[];
}

/**
 * Names, once, what clients and rooms exchange. Both sides take their types from it; the room
 * checks what arrives against it.
 *
 * @returns the contract as it was given.
 * @throws TypeError for a name that is both an event and a call, begins with `$`, or is a property
 *   of every object, such as `constructor`. None of them compiles either.
 *
 * @example
 * const chat = defineContract({
 *   fromClient: { say: z.object({ text: z.string().max(500) }) },
 *   fromServer: { said: type<{ by: string; text: string }>() },
 * });
 */
export function defineContract<const C extends Contract>(contract: C & CheckedNames<C>): C {
  const events = [...namesOf(contract.fromClient), ...namesOf(contract.fromServer)];
  const calls = namesOf(contract.calls);
  for (const name of [...events, ...calls]) {
    if (name.startsWith("$")) throw new TypeError(`"${name}" begins with $, as frames of ours do.`);
    if (name in Object.prototype) throw new TypeError(`"${name}" is a property of every object.`);
  }
  const both = calls.find((name) => events.includes(name));
  if (both !== undefined) throw new TypeError(`"${both}" is both an event and a call.`);
  return contract;
}

/**
 * A schema for a type alone: it checks nothing, and costs nothing. For what needs no check, or
 * for an app without a validator.
 *
 * @example
 * fromClient: { typing: type<{ on: boolean }>() }
 */
export function type<T>(): StandardSchemaV1<T, T> {
  return UNCHECKED as StandardSchemaV1<T, T>;
}

const UNCHECKED: Schema = {
  "~standard": { version: 1, vendor: "partyflare", validate: (value) => ({ value }) },
};

function namesOf(table: object = {}): string[] {
  return Object.keys(table);
}

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

type IllegalName<Name, CallNames> = Name extends `$${string}`
  ? "A name does not begin with $: frames of the library do."
  : Name extends ObjectKey
    ? "A name is not a property of every object."
    : Name extends CallNames
      ? "A name is not both an event and a call."
      : never;

type CheckedTable<Table, CallNames> = {
  readonly [Name in keyof Table]: [IllegalName<Name, CallNames>] extends [never]
    ? unknown
    : IllegalName<Name, CallNames>;
};

/** What of a contract does not compile, each at its own name. */
type CheckedNames<C extends Contract> = {
  readonly fromClient?: CheckedTable<C["fromClient"], keyof C["calls"]>;
  readonly fromServer?: CheckedTable<C["fromServer"], keyof C["calls"]>;
  readonly calls?: CheckedTable<C["calls"], never>;
};
