import type { Contract, PresenceOf } from "@partyflare/shared";
import type { Stop } from "../../connection/emitter";
import { capabilityOf } from "../../room/capability";
import type { Room } from "../../room/room";
import type { Member } from "./member";
import { MemberList } from "./member-list";

/** Some fields of the data that a client shares about itself. A contract without it has none. */
export type PresenceFields<C extends Contract> = keyof PresenceOf<C> extends never
  ? Record<string, never>
  : ChangedFields<PresenceOf<C>>;

type ChangedFields<Data> = { readonly [Field in keyof Data]?: Data[Field] | undefined };

/** Options of `presence`. */
export interface PresenceOptions<C extends Contract> {
  /**
   * The client's first data. The client sends it with the first snapshot. It is used if nothing was
   * set yet. Default: no data, until `set` is called.
   */
  initial?: PresenceFields<C> | undefined;
  /** The shortest time between two frames of this client, in ms. Default: 50. */
  windowMs?: number | undefined;
}

/** The members of a room at one moment. Every change creates a new object. */
export interface PresenceState<C extends Contract> {
  /**
   * This client's own member, with all its devices. It is undefined before the first snapshot, and
   * if `who` has returned null for this connection.
   */
  readonly me: Member<C> | undefined;
  /** The listed members except `me`. It is the same array until one of them changes. */
  readonly others: readonly Member<C>[];
  /** All listed members, `me` included. */
  readonly members: readonly Member<C>[];
  /** The number of members that this client may see, also of those that are not listed. */
  readonly size: number;
  /** Whether the room lists only some of its members. */
  readonly isPartial: boolean;
}

/** The members of a room. While the client is disconnected, the last list stays. */
export interface Presence<C extends Contract> extends PresenceState<C> {
  /** All of the above. It is the same object until something changes. */
  readonly state: PresenceState<C>;
  /**
   * Merges fields into this client's own data. `me` has them at once, the room up to 50 ms later.
   * While disconnected, the client collects changes and sends them on the next connection.
   *
   * If the room refuses the data, `room.onError` gets `invalid` or `too_large`. `me` then reverts.
   *
   * @param fields the fields to change. Those that are undefined stay.
   * @throws TypeError for data that JSON cannot hold. Nothing changes then.
   *
   * @example
   * here.set({ typing: true });
   */
  readonly set: (fields: PresenceFields<C>) => void;
  /**
   * Calls a function when another member joins, changes or leaves. The first snapshot reports
   * nothing. After a reconnect, only true differences are reported.
   *
   * @param listener gets the member. For `leave`, it gets the member as it was last.
   */
  readonly on: (event: "join" | "update" | "leave", listener: (member: Member<C>) => void) => Stop;
  /** Calls a function after every change, once for each frame of the room. For stores. */
  readonly subscribe: (onChange: () => void) => Stop;
}

/**
 * Returns the members of a room: people, each with the devices that they use. There is one object
 * for each room. The room sends the list only to clients that have called this function.
 *
 * Call it before the room is open, and the list comes with the first message of the room.
 *
 * @param options if several callers pass `initial`, the first one counts. For `windowMs`, the last
 *   one counts.
 *
 * @example
 * const here = presence(room, { initial: { cursor: null, typing: false } });
 * here.on("join", ({ info }) => show(`${info.name} is here.`));
 * here.set({ typing: true });
 */
export function presence<C extends Contract>(
  room: Room<C>,
  { initial, windowMs }: PresenceOptions<C> = {},
): Presence<C> {
  const list = capabilityOf(room, "presence", (host) => new MemberList(host));
  list.own.windowMs = windowMs ?? list.own.windowMs;
  if (initial && !list.own.isSet) list.begin(initial);
  return list as unknown as Presence<C>;
}
