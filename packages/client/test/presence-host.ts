import { defineContract, type } from "@partyflare/shared";
import type { WireMember, WirePresence, WirePresenceUpdate } from "@partyflare/shared/internal";
import { CapabilityHost } from "./capability-host";

export interface Point {
  x: number;
  y: number;
}

/** A contract with presence. */
export const board = defineContract({
  presence: type<{ cursor: Point | null; typing: boolean }>(),
  member: type<{ name: string }>(),
});

/** A room that only has presence. A test sends what its server would send. */
export class PresenceHost extends CapabilityHost<typeof board, WirePresenceUpdate> {
  /** The fields of each frame that was sent. */
  get sets(): object[] {
    return this.sent.map(({ set }) => set);
  }

  /** The number of the latest frame. */
  get latest(): number {
    return this.sent.at(-1)!.n;
  }

  override hello(snapshot: WirePresence): void {
    super.hello(snapshot);
  }
}

/** A member with one device, whose id is its key unless given. */
export function member(
  key: string,
  presence: WireMember["presence"] = null,
  device = key,
): WireMember {
  return { key, info: { name: key.toUpperCase() }, devices: [[device, presence]] };
}

/** A snapshot with this client's own member, `me`, and others. */
export function snapshot(...others: WireMember[]): WirePresence {
  const members = [member("me", null, "mine"), ...others];
  return { me: "me", members, size: members.length, partial: false };
}
