import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Contract, Schema } from "./contract";
import type { ErrorCode, PartyError } from "./errors";

type Input<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : never;
type Output<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : never;

type Names<Table> = Extract<keyof NonNullable<Table>, string>;

/** The names of the events that clients send. */
export type ClientEventName<C extends Contract> = Names<C["fromClient"]>;

/** The names of the events that the room sends. */
export type ServerEventName<C extends Contract> = Names<C["fromServer"]>;

/** The names of the calls. */
export type CallName<C extends Contract> = Names<C["calls"]>;

/** What a client passes to `room.emit`. */
export type ClientEvent<C extends Contract, Name extends ClientEventName<C>> = Input<
  NonNullable<C["fromClient"]>[Name]
>;

/** What the room's handler of a client's event is given: checked, and as the schema shapes it. */
export type ReceivedEvent<C extends Contract, Name extends ClientEventName<C>> = Output<
  NonNullable<C["fromClient"]>[Name]
>;

/** What the room passes to `emit`, and a client's listener is given. */
export type ServerEvent<C extends Contract, Name extends ServerEventName<C>> = Input<
  NonNullable<C["fromServer"]>[Name]
>;

/**
 * The events of a contract by name, with what each carries.
 *
 * @example
 * type Said = EventsOf<typeof chat>["said"];
 * type Say = EventsOf<typeof chat, "client">["say"];
 */
export type EventsOf<
  C extends Contract,
  From extends "client" | "server" = "server",
> = From extends "client"
  ? { [Name in ClientEventName<C>]: ClientEvent<C, Name> }
  : { [Name in ServerEventName<C>]: ServerEvent<C, Name> };

type Call<C extends Contract, Name extends CallName<C>> = NonNullable<C["calls"]>[Name];

/** What a client passes to `room.call`. */
export type CallInput<C extends Contract, Name extends CallName<C>> = Input<Call<C, Name>["input"]>;

/** What the room's handler of a call is given. */
export type ReceivedInput<C extends Contract, Name extends CallName<C>> = Output<
  Call<C, Name>["input"]
>;

/** What the room answers, and `room.call` resolves to. */
export type CallOutput<C extends Contract, Name extends CallName<C>> = Input<
  Call<C, Name>["output"]
>;

type DeclaredErrors<C extends Contract, Name extends CallName<C>> = NonNullable<
  Call<C, Name>["errors"]
>;

/**
 * What `room.call` rejects with: the codes that the call declares, each with its data, or one of
 * the library's. Compare `code`, and TypeScript knows `data`.
 */
export type CallErrorOf<C extends Contract, Name extends CallName<C>> =
  | {
      [Code in Names<DeclaredErrors<C, Name>>]: PartyError<
        Code,
        Input<DeclaredErrors<C, Name>[Code]>
      >;
    }[Names<DeclaredErrors<C, Name>>]
  | PartyError<ErrorCode>;

/** The calls of a contract by name, with what goes in, what comes out and what is refused. */
export type CallsOf<C extends Contract> = {
  [Name in CallName<C>]: {
    input: CallInput<C, Name>;
    output: CallOutput<C, Name>;
    error: CallErrorOf<C, Name>;
  };
};

/** `connection.state` of a contract; `unknown` where it declares none. */
export type StateOf<C extends Contract> = C extends { readonly state: infer S extends Schema }
  ? Output<S>
  : unknown;

/** The tags of a contract; `string` where it declares none. */
export type TagOf<C extends Contract> = C extends {
  readonly tags: readonly (infer Tag extends string)[];
}
  ? Tag
  : string;

/** The arguments that carry `Data`: none are needed where it may be undefined. */
export type DataArguments<Data> = undefined extends Data ? [data?: Data] : [data: Data];
