import type { Contract, MemberInfoOf, PresenceOf, Schema } from "@partyflare/shared";
import {
  PRESENCE_GRACE_MS,
  PRESENCE_MAX_LISTED,
  PRESENCE_WINDOW_MS,
} from "@partyflare/shared/internal";
import { checkOptions, type ConnectionOf, type Feature } from "../capability";
import { PresenceRoom, type PresenceSettings } from "./presence-room";

/** A person in a room: one or more connections with one key. */
export interface Member<C extends Contract> {
  /** The key that `who` returned; by default `connection.client`. */
  readonly key: string;
  /** The public data that `who` returned beside the key. */
  readonly info: MemberInfoOf<C>;
  /** The newest value of each field over all devices; undefined until a device has sent data. */
  readonly presence: PresenceOf<C> | undefined;
  /** The open connections. The list is empty while the member is in its grace period. */
  readonly devices: readonly {
    /** The connection's id. */
    readonly id: string;
    readonly presence: PresenceOf<C> | undefined;
  }[];
}

/** The result of `who`: public data, and optionally a key. */
export type Who<C extends Contract> = MemberInfoOf<C> & { readonly key?: string | undefined };

/** The option of `presence` that names members. */
interface WhoOption<C extends Contract> {
  /**
   * Returns the member that a connection belongs to, as public data: every client may see it. It
   * runs when a client connects, and when the connection's state or tags change. With `member` in
   * the contract it is required, and the result is validated. At most 2 KiB of JSON.
   *
   * Return null for a connection that is no member. An error refuses the client. Default: each
   * client is a member of its own, without data.
   */
  who: (connection: ConnectionOf<C>) => Who<C> | null;
}

/** Options of `presence` for all contracts. */
interface CommonOptions<C extends Contract> {
  /**
   * How long a member without connections stays listed, in ms. It covers a reload and a short loss
   * of the network. 0 leaves at once. Default: 5,000.
   */
  graceMs?: number;
  /**
   * The shortest time between two frames with changes, in ms. Changes in between are joined, and
   * only the newest value of a field is sent. Default: 50.
   */
  windowMs?: number;
  /**
   * The most members that a client is sent. In a larger room, a client gets the number of members,
   * itself, and the members that `list` picks. Default: 500.
   */
  maxListed?: number;
  /**
   * Picks the members to send in a room with more than `maxListed`. The first `maxListed` of the
   * result are used. Default: those that joined first.
   */
  list?: (members: readonly Member<C>[]) => readonly Member<C>[];
  /**
   * Whether a viewer may see a member. It runs when either changes, so it may depend only on them.
   * Each client sees itself. After an error, the member is hidden. Default: everyone sees everyone.
   */
  visible?: (member: Member<C>, viewer: ConnectionOf<C>) => boolean;
  /** Runs after a member's first connection has joined. */
  onJoin?: (member: Member<C>) => void | Promise<void>;
  /**
   * Runs after a member has left: its last connection has been gone for `graceMs`. It does not run
   * for members of a room that has crashed; those that reconnect join again.
   */
  onLeave?: (member: Member<C>) => void | Promise<void>;
}

/** `Then` if the contract has `member`. A contract with a mistake gives one error, not a second. */
type IfMember<C extends Contract, Then, Else> = [C] extends [{ readonly member: Schema }]
  ? 0 extends MemberInfoOf<C> & 1
    ? Else
    : Then
  : Else;

/** Options of `presence`. Its functions are synchronous. `who` is required if there is `member`. */
export type PresenceOptions<C extends Contract> = CommonOptions<C> &
  IfMember<C, WhoOption<C>, Partial<WhoOption<C>>>;

/** The arguments of `presence`: optional if `who` is. */
export type PresenceArguments<C extends Contract> = IfMember<
  C,
  [optionsWithWho: PresenceOptions<C>],
  [options?: PresenceOptions<C>]
>;

/** The members of a room: the result of `this.use(presence({ … }))`. */
export interface Presence<C extends Contract> {
  /** All members, in the order in which they joined. */
  readonly members: readonly Member<C>[];
  /** Returns the member with a key. */
  get(key: string): Member<C> | undefined;
  /** The number of members. */
  readonly size: number;
}

/**
 * Shares who is in the room. A member is a person, and its devices are its connections: two tabs
 * are one member. Members come from open connections, so none stays behind after a crash. Clients
 * that use `presence(room)` get the list with `$hello`, and then its changes.
 *
 * With `presence` in the contract, each client shares data about itself, such as its cursor.
 *
 * @throws RangeError if `graceMs`, `windowMs` or `maxListed` is not valid. TypeError if another
 *   option is no function. `use` throws a TypeError if the contract has `member`, and there is no
 *   `who` to return it.
 *
 * @example
 * export class Board extends Party.for(board)<Env> {
 *   readonly presence = this.use(presence({ who: ({ state }) => ({ name: state.name }) }));
 * }
 */
export function presence<C extends Contract>(
  ...[options]: PresenceArguments<C>
): Feature<C, Presence<C>> {
  const settings = settingsOf((options ?? {}) as unknown as Partial<PresenceSettings>);
  return (host) => {
    if (host.contract.member && !settings.who) {
      throw new TypeError("presence(): the contract has `member`, so `who` has to return it.");
    }
    const capability = new PresenceRoom(host, settings);
    return { capability, api: capability as unknown as Presence<C> };
  };
}

const FUNCTIONS = ["who", "list", "visible", "onJoin", "onLeave"] as const;
const NUMBERS = {
  graceMs: { value: PRESENCE_GRACE_MS, least: 0, most: 600_000 },
  windowMs: { value: PRESENCE_WINDOW_MS, least: 0, most: 60_000 },
  maxListed: { value: PRESENCE_MAX_LISTED, least: 0, most: 32_768 },
} as const;

function settingsOf(options: Partial<PresenceSettings>): PresenceSettings {
  return {
    ...options,
    ...checkOptions("presence", options, { functions: FUNCTIONS, numbers: NUMBERS }),
  };
}
