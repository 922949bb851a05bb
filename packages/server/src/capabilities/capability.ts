import type { Contract } from "@partyflare/shared";
import type { Operation, WireError } from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import type { Audience } from "../outgoing/audience";
import type { RoomStorage } from "../storage/room-storage";

// A capability imports this file, its own folder and shared.
export type { RoomConnection } from "../connections/room-connection";
export { isInAudience, storedAudienceOf } from "../outgoing/audience";
export type { Audience, StoredAudience } from "../outgoing/audience";
export type { RoomStorage, Table } from "../storage/room-storage";

/** The part of a room that a capability may use. */
export interface Host {
  readonly contract: Contract;
  readonly storage: RoomStorage;
  /** The open connections, framed and raw. */
  connections(): Iterable<RoomConnection>;
  /** The open connection with an id. */
  connection(id: string): RoomConnection | undefined;
  /** The open connections of a client. */
  connectionsOf(client: string): Iterable<RoomConnection>;
  /**
   * Sends a frame of this capability, `[$name, payload]`, to the framed connections in `to`. It is
   * sent when the running transaction has ended, committed or rolled back.
   *
   * @param payload called then, since a rollback changes the values.
   */
  tell(to: Iterable<RoomConnection>, name: string, payload: () => unknown): void;
  /** Runs a function when the running stack, transaction included, has ended. */
  afterTurn(run: () => void): void;
  /** Runs a function in a later turn, after `ms`, outside of any transaction. */
  later(run: () => void, ms: number): void;
  /** Milliseconds since 1970. */
  now(): number;
}

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
 * method calls code of the app, except `aroundCall` through its `run`.
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
  /**
   * Runs before the room lists a connection.
   *
   * @param asked the value that the client sent under this capability's name; null without one.
   * @returns this capability's part of `$hello`.
   */
  onHello?(connection: RoomConnection, asked: string | null): unknown;
  /** Runs right after `$hello`, in the same turn. */
  afterHello?(connection: RoomConnection): void;
  /** Runs when the tags of a connection have changed. Later events are sent by the new tags. */
  onChange?(connection: RoomConnection): void;
  /** Runs after the party's `onConnect` has ended, if the connection is open. */
  afterConnect?(connection: RoomConnection): void;
  /** Returns the outcome of a repeated call; undefined if the handler is to run. */
  outcomeOf?(call: IncomingCall): Outcome | undefined;
  /** Runs a call's handler, whose input has been checked. */
  aroundCall?(call: IncomingCall, run: () => unknown): unknown;
  /** Writes and stamps an event that it owns. If it throws, the event is not sent. */
  onEmit?(event: OutgoingEvent): Delivery;
  /** Runs after the rollback of a transaction: cached data of its writes is wrong. */
  onRollback?(transactionNumber: number): void;
  /** Runs after the storage was wiped and a new epoch has begun. */
  onWiped?(): void;
}
