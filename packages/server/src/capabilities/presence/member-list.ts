import type { RoomConnection } from "../capability";
import { type Device, type Kept, type KeptDevice, keptDevice, Member } from "./member";

/** The members of a room, by key, in the order in which they joined. */
export class MemberList {
  readonly #maxListed: number;
  readonly #members = new Map<string, Member>();
  readonly #devices = new Map<RoomConnection, Device>();
  /** The room's counter: it orders what devices have done, also after a wake-up. */
  #counter = 0;

  /** @param maxListed the most members that a client is sent. */
  constructor(maxListed: number) {
    this.#maxListed = maxListed;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether a room with so many members lists only some. */
  isPartial(size = this.size): boolean {
    return size > this.#maxListed;
  }

  all(): Iterable<Member> {
    return this.#members.values();
  }

  get(key: string): Member | undefined {
    return this.#members.get(key);
  }

  deviceOf(connection: RoomConnection): Device | undefined {
    return this.#devices.get(connection);
  }

  /** Returns the next number of the counter. */
  tick(): number {
    return (this.#counter += 1);
  }

  /** Returns what a connection keeps as the newest device of the member with a key. */
  joining(kept: Kept, key: string): KeptDevice {
    const joined = this.tick();
    const { since = joined, isUnlisted = this.isPartial(this.size + 1) } = this.get(key) ?? {};
    return { ...kept, key, joined, since, named: joined, isUnlisted };
  }

  /**
   * Adds a device, or replaces its data.
   *
   * @returns its member if that is new.
   */
  put(connection: RoomConnection, kept: KeptDevice): Member | undefined {
    const device = { ...kept, connection };
    freeze(kept.info);
    freeze(kept.fields);
    const earlier = this.#devices.get(connection);
    if (earlier && earlier.key !== kept.key) this.#members.get(earlier.key)?.remove(connection);
    this.#devices.set(connection, device);
    const known = this.#members.get(kept.key);
    const member = known ?? new Member(kept);
    if (!known) this.#members.set(kept.key, member);
    member.put(device);
    return known ? undefined : member;
  }

  /** Removes a device. Its member stays, even without a device. */
  removeDevice(connection: RoomConnection): void {
    const device = this.#devices.get(connection);
    this.#devices.delete(connection);
    if (device) this.#members.get(device.key)?.remove(connection);
  }

  removeMember(key: string): void {
    this.#members.delete(key);
  }

  /** Restores what connections keep, in the order in which they and their members joined. */
  restore(connections: Iterable<RoomConnection>): void {
    const devices = Array.from(connections).flatMap((connection) => {
      const kept = keptDevice(connection);
      return kept ? [{ connection, kept }] : [];
    });
    for (const { connection, kept } of devices.toSorted((a, b) => a.kept.joined - b.kept.joined)) {
      const { joined, named, stamps } = kept;
      this.#counter = Math.max(this.#counter, joined, named, ...Object.values(stamps));
      this.put(connection, kept);
    }
    const members = [...this.all()].toSorted((one, other) => one.since - other.since);
    this.#members.clear();
    for (const member of members) this.#members.set(member.key, member);
  }
}

/** Hooks get the room's own data, not a copy of it. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
