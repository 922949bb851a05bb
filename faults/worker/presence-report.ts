import type { Person, Shared, Team } from "./presence-contract.ts";

/** A member, as the room's `presence.members` and a client's `here.members` have it. */
export interface MemberReport {
  readonly key: string;
  readonly info: { readonly name?: string; readonly team?: Team };
  readonly presence?: Shared;
  readonly devices: readonly { readonly id: string; readonly presence?: Shared }[];
}

/** All that a room with presence knows. */
export interface PresenceReport {
  /** The options of presence that decide what a viewer is shown. */
  readonly variant: VariantName;
  /** How long the room may list somebody who is not there, in ms. */
  readonly graceMs: number;
  readonly deadAfterMs: number;
  readonly members: readonly MemberReport[];
  readonly connections: readonly {
    readonly id: string;
    readonly client: string;
    readonly person: Person;
    readonly tags: readonly string[];
    /** Whether its client is known to have had it. Otherwise, it is a ghost for longer. */
    readonly wasTaken: boolean;
  }[];
  /** What `onJoin` and `onLeave` were told that must never be, in this life of the room. */
  readonly mistakes: readonly string[];
}

/** The options of presence in one room, which is named after them. */
export interface Variant {
  readonly graceMs: number;
  readonly windowMs?: number;
  /** Whether there is a `who`. Without it, each client is a member. */
  readonly isAnonymous?: boolean;
  /** Whether there is a `visible`. */
  readonly isPerViewer?: boolean;
  readonly maxListed?: number;
  /** Whether `list` picks the members with the last keys. Otherwise, those that joined first are. */
  readonly picksLast?: boolean;
}

export const VARIANTS = {
  plain: { graceMs: 300 },
  visible: { graceMs: 300, isPerViewer: true },
  few: { graceMs: 300, maxListed: 2 },
  brief: { graceMs: 0 },
  picked: { graceMs: 200, maxListed: 2, picksLast: true, isPerViewer: true },
  anonymous: { graceMs: 300, windowMs: 120, isAnonymous: true },
} satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

/** The variant of a room's name, which begins with it. */
export function variantOf(room: string): VariantName {
  return room.split("-")[0] as VariantName;
}

/** Whether a viewer with these tags is shown a member, by `visible`. */
export function isShown(
  { info, presence }: Pick<MemberReport, "info" | "presence">,
  tags: readonly string[],
): boolean {
  return presence?.isHidden !== true && tags.includes(info.team ?? "");
}

/** Picks the members to list, by `list`. */
export function lastKeysFirst<Item extends { key: string }>(members: readonly Item[]): Item[] {
  return members.toSorted((one, other) => (one.key > other.key ? -1 : 1));
}
