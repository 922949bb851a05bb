import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkContract } from "./contract-check";
import type { CheckedContract, DefinedContract, Draft } from "./contract-report";

/**
 * A Standard Schema: from zod, valibot, arktype, or `type<T>()`.
 *
 * @typeParam Input the value before validation, as the sender passes it.
 * @typeParam Output the value after validation. Default: the same.
 */
export interface Schema<Input = unknown, Output = Input> extends StandardSchemaV1<Input, Output> {}

/** A call that a room answers. */
export interface CallDefinition {
  /**
   * The schema of the client's input. Default: no input; the room ignores data that a client sends.
   */
  readonly input?: Schema;
  /** The schema of the room's answer. */
  readonly output: Schema;
  /** The error codes of the call, and the schema of each one's `data`. */
  readonly errors?: Readonly<Record<string, Schema>>;
  /**
   * Whether the call takes effect only once, even if the network makes the client send it again.
   * The client queues the call until the answer arrives. The room stores the answer and returns it
   * for a repeat. Default: false.
   */
  readonly once?: boolean;
}

/** The messages between the clients and the rooms of one party. Write it with `defineContract`. */
export interface Contract {
  /** Events that clients send, by name. */
  readonly fromClient?: Readonly<Record<string, Schema>>;
  /** Events that the room sends, by name. */
  readonly fromServer?: Readonly<Record<string, Schema>>;
  /** Calls that clients make and the room answers, by name. */
  readonly calls?: Readonly<Record<string, CallDefinition>>;
  /** The schema of `connection.state`. */
  readonly state?: Schema;
  /**
   * The schema of the data that a client shares about itself in presence, such as its cursor: an
   * object. A client sends single fields; the room validates the whole.
   */
  readonly presence?: Schema;
  /** The schema of the public data of a member, which `who` of `presence()` returns. */
  readonly member?: Schema;
  /**
   * The schema of the room's shared state: an object. The room validates every change against it.
   * Its validation is synchronous, and its values are JSON.
   */
  readonly shared?: Schema;
  /** The tags that a connection may carry. */
  readonly tags?: readonly string[];
}

/**
 * Defines the messages between clients and rooms in one place. Both sides take their types from it,
 * and the room validates incoming messages against it.
 *
 * @returns the contract, unchanged. While it has a mistake that TypeScript reports, its type is
 *   `AnyContract`, so that one mistake gives one error.
 * @throws TypeError for an entry that is not a Standard Schema, a call without `output`, or an
 *   unknown key. Also for a name that is both an event and a call, starts with `$`, or is a
 *   property of every object, such as `constructor`. Each of these is a compile error too.
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
 * Returns a schema that only has a type: it validates nothing, and costs nothing. Use it for data
 * that needs no validation, or in an app without a validator.
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
