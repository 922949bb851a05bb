import type { WireFields, WireMember, WirePresenceChange } from "@partyflare/shared/internal";
import type { Member } from "./member";
import type { MemberList } from "./member-list";

/** The members that have changed since the last frame. */
export class Changes {
  /** The members that are sent as a whole, or that are gone. */
  readonly whole = new Set<string>();
  /** The changed fields of the other members: by key, and by the id of the device. */
  readonly #moved = new Map<string, Map<string, Set<string>>>();

  get areNone(): boolean {
    return this.whole.size === 0 && this.#moved.size === 0;
  }

  /** All keys of members that have changed. */
  get keys(): Set<string> {
    return new Set([...this.whole, ...this.#moved.keys()]);
  }

  add(key: string): void {
    this.whole.add(key);
    this.#moved.delete(key);
  }

  addMoved(key: string, device: string, fields: readonly string[]): void {
    if (this.whole.has(key)) return;
    const devices = this.#moved.get(key) ?? new Map<string, Set<string>>();
    this.#moved.set(key, devices);
    devices.set(device, new Set([...(devices.get(device) ?? []), ...fields]));
  }

  /** Returns the changed fields of a member's devices, with their values. */
  movedOf(member: Member): [device: string, fields: WireFields][] {
    const devices = this.#moved.get(member.key);
    if (!devices) return [];
    return Array.from(member.devices).flatMap(({ connection: { id }, fields }) => {
      const names = devices.get(id);
      if (!names || !fields) return [];
      return [[id, Object.fromEntries(Array.from(names, (name) => [name, fields[name]]))]];
    });
  }
}

/** Collects what one frame tells. */
export class ChangeFrame {
  readonly #set: WireMember[] = [];
  readonly #moved: [device: string, fields: WireFields][] = [];
  readonly #gone: string[] = [];

  /**
   * Adds a member, as its viewer is shown it.
   *
   * @param shown whether the viewer was shown it before, and whether it is shown now.
   */
  add(key: string, list: MemberList, changes: Changes, shown: { was: boolean; is: boolean }): void {
    const member = shown.is ? list.get(key) : undefined;
    if (!member) {
      if (shown.was) this.#gone.push(key);
    } else if (!shown.was || changes.whole.has(key)) this.#set.push(member.wire);
    else this.#moved.push(...changes.movedOf(member));
  }

  /** Returns the frame's payload; undefined if there is nothing to tell. */
  payload(counts: { size: number; partial: boolean }): WirePresenceChange | undefined {
    const set = this.#set.length > 0 && { set: this.#set };
    const gone = this.#gone.length > 0 && { gone: this.#gone };
    const moved = this.#moved.length > 0 && { moved: this.#moved };
    if (!set && !gone) return moved ? moved : undefined;
    return { ...set, ...moved, ...gone, ...counts };
  }
}
