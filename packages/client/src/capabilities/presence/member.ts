import type { Contract, MemberInfoOf, PresenceOf } from "@partyflare/shared";
import { like, type WireFields, type WireMember } from "@partyflare/shared/internal";

/** A connection of a member, such as a tab. */
export interface MemberDevice<C extends Contract> {
  /** The connection's id. For this client's own device it is `room.id`. */
  readonly id: string;
  /** The data that this device has set. It is undefined until the device sets data. */
  readonly presence: PresenceOf<C> | undefined;
}

/** A person in the room, with all their devices. It is the same object until it changes. */
export interface Member<C extends Contract> {
  /** Identifies the member in the room, as `who` returns it. */
  readonly key: string;
  /** The public data that the server vouches for: what `who` returns beside the key. */
  readonly info: MemberInfoOf<C>;
  /** The newest value of each field, over all devices. It is undefined until a device sets data. */
  readonly presence: PresenceOf<C> | undefined;
  /** The member's connections. The list is empty while the room waits for a reconnect. */
  readonly devices: readonly MemberDevice<C>[];
}

/** A member of any contract. */
export interface AnyMember {
  readonly key: string;
  readonly info: WireFields;
  readonly presence: WireFields | undefined;
  readonly devices: readonly AnyDevice[];
}

interface AnyDevice {
  readonly id: string;
  readonly presence: WireFields | undefined;
}

const MEMBER = { key: "", info: {}, devices: [], "presence?": {} };
/** A pair, by its places. */
const DEVICE = { "0": "", "1?": {} };

/**
 * Reads a member that the room has sent.
 *
 * @throws PartyError `bad_frame`.
 */
export function readMember(sent: unknown): AnyMember {
  const { key, info, devices, presence } = like<WireMember>(sent, MEMBER);
  const read = devices.map(readDevice);
  return { key, info, presence: presence ?? read[0]?.presence, devices: read };
}

/**
 * Reads a pair of a device's id and its data or some fields of it.
 *
 * @throws PartyError `bad_frame`.
 */
export function readDevice(pair: readonly unknown[]): AnyDevice {
  const device = like<{ 0: string; 1?: WireFields | null }>(Object.assign({}, pair), DEVICE);
  return { id: device[0], presence: device[1] ?? undefined };
}

/**
 * Returns a member with new fields.
 *
 * @param fields the new fields of the device.
 * @param newest those of them that are the newest of the member.
 */
export function patched(
  member: AnyMember,
  id: string,
  fields: WireFields,
  newest = fields,
): AnyMember {
  return {
    ...member,
    presence: { ...member.presence, ...newest },
    devices: member.devices.map((device) =>
      device.id === id ? { id, presence: { ...device.presence, ...fields } } : device,
    ),
  };
}

/** Returns the earlier of two JSON values if they are equal, and otherwise the later one. */
export function kept<Value>(before: Value | undefined, after: Value): Value {
  return isSame(before, after) ? (before as Value) : after;
}

/** Whether two JSON values are equal. The order of keys does not matter. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other))
    return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
