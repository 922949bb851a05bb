import type { WireFields, WireMember, WirePresenceChange } from "@partyflare/shared/internal";
import type { Member } from "./member";

/** The members that have changed since the last frame. */
export class Changes {
  /** The members that are sent as a whole, or that are gone. */
  readonly whole = new Set<string>();
  /** The listed members that have left. Each may be back, and not listed. */
  readonly left = new Set<string>();
  /** By key: the members whose devices have new data, and nothing else has changed. */
  readonly #moved = new Map<string, Map<string, Set<string>>>();

  get areNone(): boolean {
    return this.whole.size === 0 && this.#moved.size === 0;
  }

  /** All keys of members that have changed. */
  get keys(): Iterable<string> {
    return [...this.whole, ...this.#moved.keys()];
  }

  has(key: string): boolean {
    return this.whole.has(key) || this.#moved.has(key);
  }

  add(key: string): void {
    this.whole.add(key);
    this.#moved.delete(key);
  }

  addMoved(key: string, device: string, names: readonly string[]): void {
    if (this.whole.has(key)) return;
    const devices = this.#moved.get(key) ?? new Map<string, Set<string>>();
    this.#moved.set(key, devices.set(device, new Set([...(devices.get(device) ?? []), ...names])));
  }

  /**
   * Returns the changed fields of a member's devices, with their values, in the order in which they
   * were set: the last value of a field is the member's. A member with many devices is not sent as
   * a whole, which would be the data of all of them for each change of two.
   */
  movedOf({ key, devices }: Member): [device: string, fields: WireFields][] {
    const moved = this.#moved.get(key);
    const set = Array.from(moved ? devices : []).flatMap(({ connection: { id }, fields, stamps }) =>
      Array.from(moved?.get(id) ?? [], (name) => ({
        id,
        field: { [name]: fields?.[name] },
        at: stamps[name] ?? 0,
      })),
    );
    const entries: [device: string, fields: WireFields][] = [];
    for (const { id, field } of set.toSorted((one, other) => one.at - other.at)) {
      const last = entries.at(-1);
      if (last?.[0] === id) Object.assign(last[1], field);
      else entries.push([id, field]);
    }
    return entries;
  }
}

/** What a frame carries beside members. */
export interface Counts {
  readonly size: number;
  readonly partial: boolean;
}

/** Collects what one frame tells. */
export class ChangeFrame {
  readonly #changes: Changes;
  readonly #set: WireMember[] = [];
  readonly #moved: [device: string, fields: WireFields][] = [];
  readonly #gone: string[] = [];

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** Adds a member that its viewer is shown, and whether it was shown before. */
  show(member: Member, wasShown: boolean): void {
    if (!wasShown || this.#changes.whole.has(member.key)) this.#set.push(member.wire);
    else this.#moved.push(...this.#changes.movedOf(member));
  }

  /** Adds a member that its viewer was shown. */
  hide(key: string): void {
    this.#gone.push(key);
  }

  /** Returns the frame's payload; undefined if there is nothing to tell. */
  payload(counts?: Counts): WirePresenceChange | undefined {
    const payload = {
      ...(this.#set.length > 0 && { set: this.#set }),
      ...(this.#moved.length > 0 && { moved: this.#moved }),
      ...(this.#gone.length > 0 && { gone: this.#gone }),
      ...counts,
    };
    return Object.keys(payload).length > 0 ? payload : undefined;
  }
}
