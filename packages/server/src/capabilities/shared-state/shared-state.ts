import type { Contract, SharedInputOf, SharedOf } from "@partyflare/shared";
import {
  MAX_SHARED_BYTES,
  SHARED_TOMBSTONES,
  SHARED_TOMBSTONES_MS,
} from "@partyflare/shared/internal";
import { checkOptions, type ConnectionOf, type Feature, type Immutable } from "../capability";
import { SharedRoom, type SharedSettings } from "./shared-room";

/** Options of `sharedState`. Its functions are synchronous. */
export interface SharedStateOptions<C extends Contract> {
  /** The value of a room before its first change. The contract's schema validates it. */
  initial: SharedInputOf<C>;
  /**
   * Returns the part of the value that a connection may see. It runs when the value changes, and
   * when the connection's state or tags change, so it may depend only on them. If it throws, the
   * connection is closed with 1011 and reconnects. Default: every client sees the whole value.
   *
   * A client with a view gets the whole view when it reconnects.
   */
  view?: (value: Immutable<SharedOf<C>>, connection: ConnectionOf<C>) => Immutable<SharedOf<C>>;
  /**
   * Returns a text that is the same for connections with the same view, such as a team. The room
   * then makes the view once for all of them. Default: each connection has a view of its own.
   */
  viewOf?: (connection: ConnectionOf<C>) => string;
  /**
   * Whether the value is stored. If false, it begins anew whenever the room has left memory, for
   * example to hibernate. Default: true.
   */
  persist?: boolean;
  /** The largest value, in bytes of JSON. Default: 4 MiB. */
  maxBytes?: number;
  /**
   * How many deleted entries the room remembers. A client that has missed older deletions gets the
   * whole value when it reconnects. Default: 1,000.
   */
  keepTombstones?: number;
  /** How long the room remembers a deleted entry, in ms. Default: 604,800,000, a week. */
  keepTombstonesMs?: number;
  /**
   * The version of the schema, from 1. Raise it when the schema does not accept stored values any
   * more, and write `migrate`. Default: 1.
   */
  schemaVersion?: number;
  /**
   * Returns a stored value in its new form. It runs when a room starts whose value was stored with a
   * lower `schemaVersion`. The schema validates the result.
   *
   * @param fromVersion the `schemaVersion` that the value was stored with.
   */
  migrate?: (stored: unknown, fromVersion: number) => SharedInputOf<C>;
}

/** The shared state of a room: the result of `this.use(sharedState({ … }))`. */
export interface SharedState<C extends Contract> {
  /** The value. It is deeply frozen, and the same object until the next change. */
  readonly value: Immutable<SharedOf<C>>;
  /** The number of the last change; 0 for the initial value. A wipe of the storage resets it. */
  readonly version: number;
  /**
   * Changes the value. All changes of the function are kept, or none. Inside a transaction or a
   * `once` call, they are a part of it.
   *
   * @param update changes the draft by assignments and `delete`. The draft ends when it returns. Its
   *   result is ignored.
   * @throws PartyError `invalid` if the schema refuses the value, with the schema's issues. PartyError
   *   `too_large` for an entry of more than 512 KiB, or a value of more than `maxBytes`. TypeError
   *   for a value that JSON cannot hold, and for an async function.
   *
   * @example
   * this.poll.change((draft) => {
   *   draft.votes[from.state.userId] = choice;
   * });
   */
  readonly change: (update: (draft: SharedOf<C>) => void) => void;
}

/**
 * Shares one value with all clients in the room. Its type is `shared` in the contract. Only the room
 * changes it, in handlers of events and calls. Clients that use `sharedState(room)` get the value
 * with `$hello`, and then its changes.
 *
 * The value is stored by entry: a change of one property of a record writes one row, and sends that
 * property. A record is an object that is a property of the value. The items of an array are entries
 * too, if each has a text `id` of its own.
 *
 * @throws TypeError or RangeError for an option that is not valid. `use` throws a TypeError if the
 *   contract has no `shared`. The room does not start if the schema refuses the stored value.
 *
 * @example
 * export class Poll extends Party.for(poll)<Env> {
 *   readonly poll = this.use(sharedState({ initial: { phase: "open", votes: {} } }));
 * }
 */
export function sharedState<C extends Contract>(
  options: SharedStateOptions<C>,
): Feature<C, SharedState<C>> {
  const settings = settingsOf(options as unknown as Partial<SharedSettings>);
  return (host) => {
    const { shared } = host.contract;
    if (!shared) throw new TypeError("sharedState(): the contract has no `shared`.");
    const capability = new SharedRoom(host, shared, settings);
    return { capability, api: capability as unknown as SharedState<C> };
  };
}

const FUNCTIONS = ["view", "viewOf", "migrate"] as const;
const NUMBERS = {
  maxBytes: { value: MAX_SHARED_BYTES, least: 2, most: 64 * 1_024 * 1_024 },
  keepTombstones: { value: SHARED_TOMBSTONES, least: 0, most: 100_000 },
  keepTombstonesMs: { value: SHARED_TOMBSTONES_MS, least: 0, most: Number.MAX_SAFE_INTEGER },
  schemaVersion: { value: 1, least: 1, most: Number.MAX_SAFE_INTEGER },
} as const;

function settingsOf(options: Partial<SharedSettings>): SharedSettings {
  const names = { functions: FUNCTIONS, numbers: NUMBERS, others: ["initial", "persist"] };
  const numbers = checkOptions("sharedState", options, names);
  const { initial, persist = true, viewOf, view, migrate } = options;
  if (initial === undefined) throw new TypeError("sharedState({ initial }) is required.");
  if (typeof persist !== "boolean") {
    throw new TypeError("sharedState({ persist }) is true or false.");
  }
  if (viewOf && !view) throw new TypeError("sharedState({ viewOf }) needs a `view`.");
  if (migrate && numbers.schemaVersion < 2) {
    throw new TypeError("sharedState({ migrate }) needs a `schemaVersion` of 2 or more.");
  }
  return { initial, persist, view, viewOf, migrate, ...numbers };
}
