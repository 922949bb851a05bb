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

/** What a capability sees of its room, and nothing else. */
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
   * Tells those in `to` that are framed what has become of the room, in a frame of this capability,
   * `[$name, payload]`: when the running transaction has ended, in either way.
   *
   * @param payload made then, since a rollback changes what is true.
   */
  tell(to: Iterable<RoomConnection>, name: string, payload: () => unknown): void;
  /** Runs a function when the running stack, transaction included, has ended. */
  afterTurn(run: () => void): void;
  /** Runs a function in a turn some time from now, outside of any transaction. */
  later(run: () => void, ms: number): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A call of the contract, on its way to its handler. */
export interface IncomingCall {
  readonly connection: RoomConnection;
  readonly name: string;
  readonly input: unknown;
  /** Whether the contract says that it happens once. */
  readonly isOnce: boolean;
  /** By what a repeat of it is known; undefined where the client did not say. */
  readonly operation: Operation | undefined;
}

/** What came of a call. */
export type Outcome =
  | { readonly kind: "reply"; readonly output: unknown }
  | { readonly kind: "fail"; readonly error: WireError };

/** An event on its way out. */
export interface OutgoingEvent {
  readonly name: string;
  /** Its frame, with null where it carries no data. */
  readonly frame: string;
  readonly audience: Audience;
}

/** What an event is sent as, and who gets it now. */
export interface Delivery {
  readonly frame: string;
  readonly to: Iterable<RoomConnection>;
}

/**
 * A feature of a room beyond events and calls, such as its history. Everything but the name is
 * optional. Nothing here calls code of the app, but for what `aroundCall` is given.
 */
export interface Capability {
  /** `$name` on the wire and in `$hello`. */
  readonly name: string;
  /** The events that it takes over. */
  readonly events?: ReadonlySet<string> | undefined;
  /** Calls that it answers itself, by names that begin with `$`. They throw to refuse. */
  readonly calls?:
    | Readonly<Record<string, (connection: RoomConnection, input: unknown) => unknown>>
    | undefined;
  /** Before the party's `onStart`. Throws where the room cannot run. */
  onStart?(): void;
  /**
   * A connection is about to be listed.
   *
   * @param asked what its client sent under this capability's name; null for nothing.
   * @returns this capability's part of `$hello`.
   */
  onHello?(connection: RoomConnection, asked: string | null): unknown;
  /** Right after `$hello`, in the same turn. */
  afterHello?(connection: RoomConnection): void;
  /** The tags of a connection have changed. What it is sent next is sent by the new ones. */
  onChange?(connection: RoomConnection): void;
  /** The party's `onConnect` has ended, and the connection is open. */
  afterConnect?(connection: RoomConnection): void;
  /** Looks up what came of a call that is a repeat; undefined where it is to be carried out. */
  outcomeOf?(call: IncomingCall): Outcome | undefined;
  /** Runs a call's handler, whose input has been checked. */
  aroundCall?(call: IncomingCall, run: () => unknown): unknown;
  /** Writes and stamps an event that it has taken over. What this throws keeps it from being sent. */
  onEmit?(event: OutgoingEvent): Delivery;
  /** A transaction was rolled back: what it remembers of having written in it is wrong. */
  onRollback?(transactionNumber: number): void;
  /** The storage is empty, and another epoch has begun. */
  onWiped?(): void;
}
