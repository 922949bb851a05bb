import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkContract } from "./contract-check";
import type { CheckedContract, DefinedContract, Draft } from "./contract-report";

/**
 * A Standard Schema: of zod, valibot, arktype, or `type<T>()`.
 *
 * @typeParam Input what is given to it: what a client sends, or a room.
 * @typeParam Output what it makes of that. Default: the same.
 */
export interface Schema<Input = unknown, Output = Input> extends StandardSchemaV1<Input, Output> {}

/** A call that a room answers. */
export interface CallDefinition {
  /** What the client sends. Left out: nothing, and whatever a client sends is ignored. */
  readonly input?: Schema;
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
 * @returns the contract as it was given. Its type is `AnyContract` while the contract has a mistake
 *   that TypeScript reports, so that one mistake is one error.
 * @throws TypeError for an entry that is no Standard Schema, a call without `output`, a key that
 *   contracts do not have, and a name that is both an event and a call, begins with `$`, or is a
 *   property of every object, such as `constructor`. None of them compiles either.
 *
 * @example
 * const chat = defineContract({
 *   fromClient: { say: z.object({ text: z.string().max(500) }) },
 *   fromServer: { said: type<{ by: string; text: string }>() },
 * });
 */
export function defineContract<const C extends Draft>(
  contract: CheckedContract<C> & Draft,
): DefinedContract<C> {
  checkContract(contract);
  return contract as unknown as DefinedContract<C>;
}

/**
 * A schema for a type alone: it checks nothing, and costs nothing. For what needs no check, or
 * for an app without a validator.
 *
 * @example
 * fromClient: { typing: type<{ on: boolean }>() }
 */
export function type<T>(): Schema<T> {
  return UNCHECKED as Schema<T>;
}

const UNCHECKED: Schema = {
  "~standard": { version: 1, vendor: "partyflare", validate: (value) => ({ value }) },
};
