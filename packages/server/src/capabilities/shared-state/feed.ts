import { type RoomConnection, synchronous } from "../capability";
import { differences } from "./differences";
import { isPlain, sealed } from "./json";
import type { Places, SharedValue } from "./shared-value";
import type { ValueStore } from "./value-store";

/** What a connection has been sent, or would be sent now. Marks of the same state are identical. */
export type Mark = object;

/** Places that have changed. */
export interface Difference extends Places {
  /** Whether the value begins anew. */
  readonly isReset: boolean;
}

/** What connections see of the shared state. */
export interface Feed {
  /** What a connection sees now. It may call code of the app. */
  mark(connection: RoomConnection): Mark;
  /** What a connection had seen before the room slept; undefined if that is unknown. */
  restored(): Mark | undefined;
  /** @param from undefined for a connection that knows nothing. */
  between(from: Mark | undefined, to: Mark): Difference;
  /** The state or the tags of a connection have changed, or it has left. */
  forget(connection: RoomConnection): void;
  /** Forgets what no connection has asked for since the last call. */
  sweep(): void;
}

/** A version of the value. Another lineage shares no past with it: the storage was wiped. */
export interface VersionMark {
  readonly lineage: number;
  readonly version: number;
}

/** All connections see the whole value. */
export class CommonFeed implements Feed {
  readonly #store: ValueStore;
  #restored: VersionMark | undefined;
  #latest: VersionMark | undefined;

  constructor(store: ValueStore) {
    this.#store = store;
  }

  mark(): VersionMark {
    const { lineage } = this.#store;
    const { version } = this.#store.value;
    if (this.#latest?.version !== version || this.#latest.lineage !== lineage) {
      this.#latest = { lineage, version };
    }
    return this.#latest;
  }

  /** A room sleeps only when all clients have the latest version of what is stored. */
  restored(): VersionMark | undefined {
    const { restoredVersion: version } = this.#store;
    if (version === undefined) return undefined;
    return (this.#restored ??= { lineage: 0, version });
  }

  between(from: VersionMark | undefined): Difference {
    const { horizon, lineage } = this.#store;
    // Deletions up to the horizon are forgotten, also those that were not sent yet.
    const isReset = from?.lineage !== lineage || from.version < horizon;
    return { ...this.#store.value.since(isReset ? -1 : from.version), isReset };
  }

  forget(): void {}

  sweep(): void {}
}

/** Functions of the app that limit what a connection sees. */
export interface ViewOptions {
  readonly view: (value: unknown, connection: RoomConnection) => unknown;
  readonly viewOf: ((connection: RoomConnection) => unknown) | undefined;
}

/** A view of a value. */
interface View {
  /** The value that it was made of. */
  readonly of: object;
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Each connection sees the view that the app makes for it, or for its group. */
export class ViewFeed implements Feed {
  readonly #value: () => SharedValue;
  readonly #options: ViewOptions;
  /** The groups of connections; without `viewOf`, each connection is one. */
  readonly #groups = new WeakMap<RoomConnection, unknown>();
  readonly #views = new Map<unknown, View>();
  /** The groups whose view was used since the last sweep. */
  #used = new Set<unknown>();

  constructor(value: () => SharedValue, options: ViewOptions) {
    this.#value = value;
    this.#options = options;
  }

  mark(connection: RoomConnection): Mark {
    const group = this.#groupOf(connection);
    this.#used.add(group);
    const { value } = this.#value();
    const known = this.#views.get(group);
    if (known?.of === value) return known.shown;
    const made = synchronous("sharedState({ view })", this.#options.view(value, connection));
    if (!isPlain(made)) throw new TypeError("sharedState({ view }) returns an object.");
    const shown = sealed(made, []) as Readonly<Record<string, unknown>>;
    // The same object, so that nothing is sent.
    const isSame = known !== undefined && areNone(differences(known.shown, shown));
    const view = { of: value, shown: isSame ? known.shown : shown };
    this.#views.set(group, view);
    return view.shown;
  }

  /** A deploy may have changed `view` while the room slept. */
  restored(): undefined {
    return undefined;
  }

  between(from: Mark | undefined, to: Mark): Difference {
    const before = (from ?? {}) as Readonly<Record<string, unknown>>;
    return { ...differences(before, to as Readonly<Record<string, unknown>>), isReset: !from };
  }

  forget(connection: RoomConnection): void {
    this.#groups.delete(connection);
    this.#views.delete(connection);
  }

  sweep(): void {
    for (const group of this.#views.keys()) if (!this.#used.has(group)) this.#views.delete(group);
    this.#used = new Set();
  }

  #groupOf(connection: RoomConnection): unknown {
    if (this.#groups.has(connection)) return this.#groups.get(connection);
    const { viewOf } = this.#options;
    const group = viewOf ? synchronous("sharedState({ viewOf })", viewOf(connection)) : connection;
    if (viewOf && typeof group !== "string") {
      throw new TypeError(`sharedState({ viewOf }) returns a text, not ${typeof group}.`);
    }
    this.#groups.set(connection, group);
    return group;
  }
}

function areNone({ gone, set }: Places): boolean {
  return gone.length === 0 && set.length === 0;
}
