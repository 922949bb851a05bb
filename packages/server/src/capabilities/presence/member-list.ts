import type { RoomConnection } from "../capability";
import { type Device, type KeptDevice, Member } from "./member";

/** The members of a room, by key, in the order in which they joined. */
export class MemberList {
  readonly #members = new Map<string, Member>();
  readonly #devices = new Map<RoomConnection, Device>();
  /** The room's counter: it orders what devices have done, also after a wake-up. */
  #counter = 0;

  get size(): number {
    return this.#members.size;
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

  /**
   * Adds a device, or replaces its data.
   *
   * @returns whether its member is new.
   */
  put(connection: RoomConnection, kept: KeptDevice): boolean {
    const device = { ...kept, connection };
    this.#counter = Math.max(this.#counter, kept.joined, kept.named, ...Object.values(kept.stamps));
    const earlier = this.#devices.get(connection);
    if (earlier && earlier.key !== kept.key) this.#members.get(earlier.key)?.remove(connection);
    this.#devices.set(connection, device);
    const known = this.#members.get(kept.key);
    const member = known ?? new Member(kept.key, kept.joined);
    if (!known) this.#members.set(kept.key, member);
    member.put(device);
    return !known;
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

  /** Restores the order in which members joined: a wake-up lists connections in another one. */
  sort(): void {
    const members = [...this.all()].toSorted((one, other) => one.joined - other.joined);
    this.#members.clear();
    for (const member of members) this.#members.set(member.key, member);
  }
}
