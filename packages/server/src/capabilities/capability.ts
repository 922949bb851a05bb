import type { Contract } from "@partyflare/shared";
import type { Operation, WireError } from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import type { Audience } from "../outgoing/audience";
import type { RoomStorage } from "../storage/room-storage";

// A capability imports this file, its own folder and shared.
export type { ConnectionOf } from "../connections/connection-of";
export type { Immutable } from "../connections/immutable";
export type { RoomConnection } from "../connections/room-connection";
export { isInAudience, storedAudienceOf } from "../outgoing/audience";
export type { Audience, StoredAudience } from "../outgoing/audience";
export type { RoomStorage, Table } from "../storage/room-storage";
export { checkOptions, synchronous } from "./options";
export { Window } from "./window";

/** The part of a room that a capability may use. */
export interface Host<C extends Contract = Contract> {
  readonly contract: C;
  readonly storage: RoomStorage;
  /** The open connections, framed and raw. */
  connections(): Iterable<RoomConnection>;
  /** The open connection with an id. */
  connection(id: string): RoomConnection | undefined;
  /** The open connections of a client. */
  connectionsOf(client: string): Iterable<RoomConnection>;
  /** The open connections of the clients that have subscribed to this capability. */
  subscribers(): Iterable<RoomConnection>;
  /**
   * Sends a frame of this capability, `[$name, payload]`, to those of the connections that have
   * subscribed to it. It is sent when the running transaction has ended, committed or rolled back.
   *
   * @param payload called then, since a rollback changes the values.
   */
  send(to: Iterable<RoomConnection>, payload: () => unknown): void;
  /**
   * Sends a frame of this capability together with the next message to the connection, at the latest
   * at the end of the batch window. So a call's reply and the changes that it made are one message.
   *
   * @param payload called like that of `send`. If it returns undefined, nothing is sent.
   */
  sendWithNext(connection: RoomConnection, payload: () => unknown): void;
  /** The length of the room's batch window in ms; 0 for none. */
  readonly batchWindowMs: number;
  /** Runs a function when the running stack, transaction included, has ended. */
  afterTurn(run: () => void): void;
  /** Runs a function in a later turn, after `ms`, outside of any transaction. */
  later(run: () => void, ms: number): void;
  /**
   * Runs code of the app that was passed to the capability. Call it in a turn of its own, from
   * `afterTurn` or `later`. The party's `onError` gets its error.
   */
  runHook(hook: () => unknown, connection?: RoomConnection): void;
  /**
   * Sets the time at which `onAlarm` of this capability runs; null for never. It is a part of the
   * running transaction. All capabilities share the room's one alarm.
   *
   * @param timeMs milliseconds since 1970, rounded up to a whole one.
   */
  wakeAt(timeMs: number | null): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * A capability that a party adds with `use`: a function that makes it for a room.
 *
 * @typeParam Api the result of `use`, for the party's own code.
 */
export type Feature<C extends Contract, Api> = (host: Host<C>) => {
  readonly capability: Capability;
  readonly api: Api;
};

/** A call of the contract, before its handler runs. */
export interface IncomingCall {
  readonly connection: RoomConnection;
  readonly name: string;
  readonly input: unknown;
  /** Whether the contract marks it as `once`. */
  readonly isOnce: boolean;
  /** The identity by which repeats are recognised; undefined if the client sent none. */
  readonly operation: Operation | undefined;
}

/** The outcome of a call. */
export type Outcome =
  | { readonly kind: "reply"; readonly output: unknown }
  | { readonly kind: "fail"; readonly error: WireError };

/** An event before it is sent. */
export interface OutgoingEvent {
  readonly name: string;
  /** The event's frame, with null if it carries no data. */
  readonly frame: string;
  readonly audience: Audience;
}

/** The frame of an event, and the connections that get it now. */
export interface Delivery {
  readonly frame: string;
  readonly to: Iterable<RoomConnection>;
}

/**
 * A feature of a room beyond events and calls, such as its history. Only the name is required. No
 * method calls code of the app, except `authorize`, and `aroundCall` through its `run`.
 */
export interface Capability {
  /** `$name` on the wire and in `$hello`. */
  readonly name: string;
  /** The events that it owns. */
  readonly events?: ReadonlySet<string> | undefined;
  /** Library calls that it answers, by names that begin with `$`. They throw to refuse. */
  readonly calls?:
    | Readonly<Record<string, (connection: RoomConnection, input: unknown) => unknown>>
    | undefined;
  /** Runs before the party's `onStart`. Throws if the room cannot run. */
  onStart?(): void;
  /** Runs after `authorize` and `getConnectionTags`. An error that it throws refuses the client. */
  authorize?(connection: RoomConnection): void;
  /**
   * Runs when a client subscribes: before the room lists its connection, or later.
   *
   * @param asked the text that the client sent under this capability's name; often empty.
   * @returns this capability's part of `$hello`.
   */
  onHello?(connection: RoomConnection, asked: string): unknown;
  /** Runs right after that part was sent, in the same turn. */
  afterHello?(connection: RoomConnection): void;
  /** Runs when the room lists a connection, framed or raw, in the turn of its `$hello`. */
  onConnect?(connection: RoomConnection): void;
  /** Runs when the state or the tags of a listed connection have changed. */
  onChange?(connection: RoomConnection): void;
  /** Runs after the party's `onConnect` has ended, if the connection is open. */
  afterConnect?(connection: RoomConnection): void;
  /** Runs after the turn in which a listed connection has left. */
  onDisconnect?(connection: RoomConnection): void;
  /** Handles `[$name, payload]` of a client. An error that it throws is sent to the client. */
  onFrame?(connection: RoomConnection, payload: unknown): void | Promise<void>;
  /** Returns the outcome of a repeated call; undefined if the handler is to run. */
  outcomeOf?(call: IncomingCall): Outcome | undefined;
  /** Runs a call's handler, whose input has been checked. */
  aroundCall?(call: IncomingCall, run: () => unknown): unknown;
  /** Writes and stamps an event that it owns. If it throws, the event is not sent. */
  onEmit?(event: OutgoingEvent): Delivery;
  /**
   * Runs when the time of `wakeAt` has come. It is over then: the capability sets the next one. A
   * capability with this method is timed, and its party has no `onAlarm` of its own.
   */
  onAlarm?(nowMs: number): void;
  /** Runs after the rollback of a transaction: cached data of its writes is wrong. */
  onRollback?(transactionNumber: number): void;
  /** Runs after the storage was wiped and a new epoch has begun. */
  onWiped?(): void;
}
