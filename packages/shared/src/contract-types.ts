import type { Contract, Schema } from "./contract";
import type { ErrorCode, PartyError } from "./errors";

// Of `S["~standard"]` and no conditional types, so that code that is generic over contracts can use
// them; and not of the specification's own names, which a project's declarations could not import.
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

/** What a client passes to `room.emit`. */
export type ClientEvent<
  C extends Contract,
  Name extends ClientEventName<C>,
> = ClientEvents<C>[Name];

type ClientEvents<C extends Contract> = {
  [Name in ClientEventName<C>]: Input<NonNullable<C["fromClient"]>[Name]>;
};

/** What the room's handler of a client's event is given: checked, and as the schema shapes it. */
export type ReceivedEvent<C extends Contract, Name extends ClientEventName<C>> = Output<
  NonNullable<C["fromClient"]>[Name]
>;

/** What the room passes to `emit`, and a client's listener is given. */
export type ServerEvent<
  C extends Contract,
  Name extends ServerEventName<C>,
> = ServerEvents<C>[Name];

// By name, so that what is one of several events takes no other's data.
type ServerEvents<C extends Contract> = {
  [Name in ServerEventName<C>]: Input<NonNullable<C["fromServer"]>[Name]>;
};

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

/** What a client passes to `room.call`: nothing, where the contract names no input. */
export type CallInput<C extends Contract, Name extends CallName<C>> = InputOf<
  Call<C, Name>,
  "input"
>;

/** What the room's handler of a call is given. */
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
 *
 * A code that the call declares and the library has too, such as `forbidden`, may come from the
 * library, without data.
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

/** The arguments that carry `Data`: none are needed where it may be undefined and is not unknown. */
export type DataArguments<Data> = MayBeLeftOut<Data> extends true ? [data?: Data] : [data: Data];

/** `any` may: it is what a contract with a mistake has, and one mistake is one error. */
type MayBeLeftOut<Data> = 0 extends Data & 1
  ? true
  : unknown extends Data
    ? false
    : undefined extends Data
      ? true
      : false;

/** An event that the room sends, and its data: one tuple for each, so that they belong together. */
export type EventArguments<C extends Contract> = {
  [Name in ServerEventName<C>]: [event: Name, ...data: DataArguments<ServerEvent<C, Name>>];
}[ServerEventName<C>];
