import type { Contract, Schema } from "./contract";
import type { ErrorCode, PartyError } from "./errors";

// Reads `S["~standard"]` without conditional types, so that code that is generic over contracts can
// use them. It avoids the specification's own type names, which a project's declarations could not
// import.
type Types<S extends Schema> = NonNullable<S["~standard"]["types"]>;
type Input<S extends Schema> = Types<S>["input"];
type Output<S extends Schema> = Types<S>["output"];

type Names<Table> = keyof NonNullable<Table> & string;

/** The names of the events that clients send. */
export type ClientEventName<C extends Contract> = Names<C["fromClient"]>;

/** The names of the events that the room sends. */
export type ServerEventName<C extends Contract> = Names<C["fromServer"]>;

/** The names of the calls. */
export type CallName<C extends Contract> = Names<C["calls"]>;

/** The data that a client passes to `room.emit`. */
export type ClientEvent<
  C extends Contract,
  Name extends ClientEventName<C>,
> = ClientEvents<C>[Name];

type ClientEvents<C extends Contract> = {
  [Name in ClientEventName<C>]: Input<NonNullable<C["fromClient"]>[Name]>;
};

/** The data that the room's handler of a client event gets: the output of the schema. */
export type ReceivedEvent<C extends Contract, Name extends ClientEventName<C>> = Output<
  NonNullable<C["fromClient"]>[Name]
>;

/** The data that the room passes to `emit`, and that a client's listener gets. */
export type ServerEvent<
  C extends Contract,
  Name extends ServerEventName<C>,
> = ServerEvents<C>[Name];

// A map by name, so that each event of a union keeps its own data.
type ServerEvents<C extends Contract> = {
  [Name in ServerEventName<C>]: Input<NonNullable<C["fromServer"]>[Name]>;
};

/**
 * The events of a contract by name, with the data of each.
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

/** The input that a client passes to `room.call`; undefined if the contract has no input. */
export type CallInput<C extends Contract, Name extends CallName<C>> = InputOf<
  Call<C, Name>,
  "input"
>;

/** The input that the room's handler of a call gets. */
export type ReceivedInput<C extends Contract, Name extends CallName<C>> = InputOf<
  Call<C, Name>,
  "output"
>;

type InputOf<Definition, Side extends "input" | "output"> = Definition extends {
  readonly input: infer S extends Schema;
}
  ? Types<S>[Side]
  : "input" extends keyof Definition
    ? unknown
    : undefined;

/** The room's answer, and the value that `room.call` resolves to. */
export type CallOutput<C extends Contract, Name extends CallName<C>> = Input<
  Call<C, Name>["output"]
>;

type DeclaredErrors<C extends Contract, Name extends CallName<C>> = NonNullable<
  Call<C, Name>["errors"]
>;

/**
 * The error that `room.call` rejects with. It has a code of the call, with its data, or a code of
 * the library. Compare `code`, and TypeScript knows `data`.
 *
 * A call may declare a code that the library has too, such as `forbidden`. An error with that code
 * may then come from the library, without data.
 */
export type CallErrorOf<C extends Contract, Name extends CallName<C>> =
  | DeclaredError<DeclaredErrors<C, Name>>
  | PartyError<Exclude<ErrorCode, keyof DeclaredErrors<C, Name>>>;

type DeclaredError<Errors> = {
  [Code in Names<Errors>]: PartyError<
    Code,
    | InputOf<{ input: Errors[Code & keyof Errors] }, "input">
    | (Code extends ErrorCode ? undefined : never)
  >;
}[Names<Errors>];

/** The calls of a contract by name, with the input, the output and the errors of each. */
export type CallsOf<C extends Contract> = {
  [Name in CallName<C>]: {
    input: CallInput<C, Name>;
    output: CallOutput<C, Name>;
    error: CallErrorOf<C, Name>;
  };
};

/** The type of `connection.state` in a contract; `unknown` if the contract declares none. */
export type StateOf<C extends Contract> = C extends { readonly state: infer S extends Schema }
  ? Output<S>
  : unknown;

/** The data that a client shares about itself; no fields if the contract declares none. */
export type PresenceOf<C extends Contract> = C extends { readonly presence: infer S extends Schema }
  ? Output<S>
  : {};

/** The public data of a member; unknown fields if the contract declares none. */
export type MemberInfoOf<C extends Contract> = C extends { readonly member: infer S extends Schema }
  ? Output<S>
  : Readonly<Record<string, unknown>>;

/** The room's shared state; unknown fields if the contract declares none. */
export type SharedOf<C extends Contract> = C extends { readonly shared: infer S extends Schema }
  ? Output<S>
  : Readonly<Record<string, unknown>>;

/** The shared state before validation, as `initial` has it. A contract without `shared` has none. */
export type SharedInputOf<C extends Contract> = C extends {
  readonly shared: infer S extends Schema;
}
  ? Input<S>
  : never;

/** The tags of a contract; `string` if the contract declares none. */
export type TagOf<C extends Contract> = C extends {
  readonly tags: readonly (infer Tag extends string)[];
}
  ? Tag
  : string;

/**
 * The arguments that carry `Data`. The argument is optional if the data may be undefined, but not
 * if it is unknown.
 */
export type DataArguments<Data> = MayBeLeftOut<Data> extends true ? [data?: Data] : [data: Data];

/** `any` may: a contract with a mistake has it, and one mistake is one error. */
type MayBeLeftOut<Data> = 0 extends Data & 1
  ? true
  : unknown extends Data
    ? false
    : undefined extends Data
      ? true
      : false;

/** An event that the room sends, and its data: one tuple for each event. */
export type EventArguments<C extends Contract> = {
  [Name in ServerEventName<C>]: [event: Name, ...data: DataArguments<ServerEvent<C, Name>>];
}[ServerEventName<C>];
