import type { Contract, Position, WireHistory } from "@partyflare/shared";
import type { RoomConnection } from "../connections/room-connection";
import type { Audience } from "../outgoing/audience";

/** What a capability sees of its room. */
export interface Host {
  readonly contract: Contract;
  readonly storage: DurableObjectStorage;
  /** Milliseconds since 1970. */
  now(): number;
  /** The storage was found empty, and another epoch has begun. */
  onNewEpoch(): void;
}

/** What a room tells a connection as it begins, and what follows that at once. */
export interface Greeting {
  readonly history: WireHistory;
  follow(): void;
}

/** State that a party holds in a field: `readonly history = this.use(history({ … }))`. */
export interface Capability {
  /** The events that it takes over. */
  readonly events: ReadonlySet<string>;
  /**
   * An event is about to be sent.
   *
   * @param frame its frame, with null where it carries no data.
   * @returns what it is sent as. What this throws keeps it from being sent at all.
   */
  onEmit(name: string, frame: string, audience: Audience): string;
  /** Whether a connection will come to an event by itself, and is not to be sent it now. */
  isReplaying(connection: RoomConnection): boolean;
  /**
   * A connection is about to be listed, and greeted in the same turn.
   *
   * @param position what its client knows; null if it is new.
   */
  onConnect(connection: RoomConnection, position: Position | null): Greeting;
  /** What a client has called, by a name that begins with `$`. Throws a PartyError to refuse. */
  readonly calls: Readonly<Record<string, (connection: RoomConnection, input: unknown) => unknown>>;
  /** What was kept in memory of the storage may be wrong: a transaction was rolled back, or it was wiped. */
  forget(): void;
  /** The storage was wiped: what all who are connected are told. */
  onNewEpoch(): WireHistory;
}
