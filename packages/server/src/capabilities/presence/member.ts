import type { WireFields, WireMember } from "@partyflare/shared/internal";
import type { RoomConnection } from "../capability";

/** The part of a device that its connection's attachment keeps. */
export interface KeptDevice {
  readonly key: string;
  readonly info: WireFields;
  /** The data that the client has sent; null before the first. */
  readonly fields: WireFields | null;
  /** When each field was set, on the room's counter. */
  readonly stamps: Readonly<Record<string, number>>;
  /** When the connection joined, and when `who` returned its info, on that counter. */
  readonly joined: number;
  readonly named: number;
  /** Whether its member is one of those that a large room does not list. */
  readonly isUnlisted?: boolean;
}

/** One connection of a member. */
export interface Device extends KeptDevice {
  readonly connection: RoomConnection;
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
  readonly joined: number;
  /** When the grace period ends, in ms since 1970; undefined while a device is there. */
  leavesAtMs: number | undefined;
  /** Whether it is one of those that a large room does not list. */
  isUnlisted = false;
  readonly #devices = new Map<RoomConnection, Device>();
  #info: WireFields = {};
  #presence: WireFields | null = null;
  #view: MemberView | undefined;

  constructor(key: string, joined: number) {
    this.key = key;
    this.joined = joined;
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
    if (device.isUnlisted !== undefined) this.isUnlisted = device.isUnlisted;
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

  /** Returns the member as it will be with a connection that is not listed yet. */
  wireWith(device: Device): WireMember {
    const { id } = device.connection;
    const others = [...this.devices].filter(({ connection }) => connection.id !== id);
    const devices = [...others, device];
    return wireOf(this.key, infoOf(devices), devices, merged(devices));
  }

  #merge(): void {
    const devices = [...this.devices];
    this.#info = infoOf(devices);
    this.#presence = merged(devices);
    this.#view = undefined;
  }
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
  const newest = new Map<string, { value: unknown; stamp: number }>();
  for (const { fields, stamps } of devices) {
    for (const [name, value] of Object.entries(fields ?? {})) {
      const stamp = stamps[name] ?? 0;
      if (stamp >= (newest.get(name)?.stamp ?? 0)) newest.set(name, { value, stamp });
    }
  }
  if (devices.every(({ fields }) => fields === null)) return null;
  return Object.fromEntries(Array.from(newest, ([name, { value }]) => [name, value]));
}

/** Returns what a connection keeps; null if it is no member, undefined if `who` was never asked. */
export function keptBy(connection: RoomConnection): KeptDevice | null | undefined {
  return connection.data.of("presence") as KeptDevice | null | undefined;
}
