import type { WireFields, WireMember } from "@partyflare/shared/internal";
import type { RoomConnection } from "../capability";

/** The data that a connection's attachment keeps. */
export interface Kept {
  /** Null if `who` has returned null. What the client has sent is kept, in case that changes. */
  readonly key: string | null;
  readonly info: WireFields;
  /** The data that the client has sent; null before the first. */
  readonly fields: WireFields | null;
  /** When each field was set, on the room's counter. */
  readonly stamps: Readonly<Record<string, number>>;
  /** When the connection became a device of its member, on that counter. */
  readonly joined: number;
  /** When its member joined. */
  readonly since: number;
  /** When `who` returned the info. */
  readonly named: number;
  /** Whether its member is one of those that a large room does not list. */
  readonly isUnlisted: boolean;
}

/** What the connection of a member keeps. */
export interface KeptDevice extends Kept {
  readonly key: string;
}

/** One connection of a member. */
export interface Device extends KeptDevice {
  readonly connection: RoomConnection;
}

/**
 * The time of what has not happened yet. An attachment takes more bytes for it than for any count,
 * so there is room for the count.
 */
export const NOT_YET = Number.MAX_SAFE_INTEGER;

/** What a connection keeps before the room lists it. */
export const NEW: Kept = {
  key: null,
  info: {},
  fields: null,
  stamps: {},
  joined: NOT_YET,
  since: NOT_YET,
  named: NOT_YET,
  isUnlisted: false,
};

/** Returns what a connection keeps; undefined if `who` was never asked. */
export function keptBy(connection: RoomConnection): Kept | undefined {
  return connection.data.of("presence") as Kept | undefined;
}

/** Returns the same for the connection of a member; undefined for any other. */
export function keptDevice(connection: RoomConnection): KeptDevice | undefined {
  const kept = keptBy(connection);
  return isDevice(kept) ? kept : undefined;
}

export function isDevice(kept: Kept | undefined): kept is KeptDevice {
  return kept !== undefined && kept.key !== null;
}

/** A member, as the app sees it. */
export interface MemberView {
  readonly key: string;
  readonly info: WireFields;
  readonly presence: WireFields | undefined;
  readonly devices: readonly { readonly id: string; readonly presence: WireFields | undefined }[];
}

/** A person in the room, or one in its grace period. */
export class Member {
  readonly key: string;
  /** When the member joined, on the room's counter. */
  readonly since: number;
  /** When the grace period ends, in ms since 1970; undefined while a device is there. */
  leavesAtMs: number | undefined;
  /** Whether it is one of those that a large room does not list. */
  isUnlisted: boolean;
  readonly #devices = new Map<RoomConnection, Device>();
  #info: WireFields = {};
  #presence: WireFields | null = null;
  #view: MemberView | undefined;

  constructor({ key, since, isUnlisted }: KeptDevice) {
    this.key = key;
    this.since = since;
    this.isUnlisted = isUnlisted;
  }

  get devices(): Iterable<Device> {
    return this.#devices.values();
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Adds a device, or replaces its data. */
  put(device: Device): void {
    this.#devices.set(device.connection, device);
    this.leavesAtMs = undefined;
    this.#merge();
  }

  remove(connection: RoomConnection): void {
    this.#devices.delete(connection);
    this.#view = undefined;
    // Without a device, the last data stays for the grace period.
    if (this.size > 0) this.#merge();
  }

  get view(): MemberView {
    return (this.#view ??= Object.freeze({
      key: this.key,
      info: this.#info,
      presence: this.#presence ?? undefined,
      devices: Object.freeze(
        Array.from(this.devices, ({ connection: { id }, fields }) =>
          Object.freeze({ id, presence: fields ?? undefined }),
        ),
      ),
    }));
  }

  get wire(): WireMember {
    return wireOf(this.key, this.#info, [...this.devices], this.#presence);
  }

  #merge(): void {
    const devices = [...this.devices];
    this.#info = infoOf(devices);
    this.#presence = merged(devices);
    this.#view = undefined;
  }
}

/** Returns a member as it will be with a connection that is not listed yet. */
export function wireWith(member: Member | undefined, device: Device): WireMember {
  const { id } = device.connection;
  // An earlier connection with its id is about to leave.
  const others = [...(member?.devices ?? [])].filter(({ connection }) => connection.id !== id);
  const devices = [...others, device];
  return wireOf(device.key, infoOf(devices), devices, merged(devices));
}

function wireOf(
  key: string,
  info: WireFields,
  devices: readonly Device[],
  presence: WireFields | null,
): WireMember {
  return {
    key,
    info,
    devices: devices.map(({ connection, fields }) => [connection.id, fields]),
    // The only device has it.
    ...(devices.length !== 1 && { presence }),
  };
}

/** Returns the info that `who` returned last. */
function infoOf(devices: readonly Device[]): WireFields {
  return devices.reduce((newest, each) => (each.named > newest.named ? each : newest)).info;
}

/** Returns the newest value of each field; null if no device has sent data. */
function merged(devices: readonly Device[]): WireFields | null {
  const [first] = devices;
  if (devices.length === 1 && first) return first.fields;
  if (devices.every(({ fields }) => fields === null)) return null;
  const newest = new Map<string, { value: unknown; stamp: number }>();
  for (const { fields, stamps } of devices) {
    for (const [name, value] of Object.entries(fields ?? {})) {
      const stamp = stamps[name] ?? 0;
      if (stamp >= (newest.get(name)?.stamp ?? 0)) newest.set(name, { value, stamp });
    }
  }
  return Object.fromEntries(Array.from(newest, ([name, { value }]) => [name, value]));
}
