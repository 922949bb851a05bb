import type { Team } from "./presence-contract.ts";

/** Who a connection is, and the tags that it carries. */
export interface Who {
  readonly user: string;
  readonly tags: readonly Team[];
}

/** What a room shares. */
export interface Board {
  /** The second build of the Worker has an object. */
  title: string | { text: string };
  count: number;
  votes: Record<string, { choice: string; weight: number }>;
  /** How often each change was carried out, by its id. Nobody deletes one. */
  kept: Record<string, number>;
  items: { id: string; text: string }[];
  /** Anything. */
  free?: unknown;
  /** Secrets of users. */
  hands: Record<string, string[]>;
  /** Secrets of teams. */
  teams: Record<string, string>;
  /** A secret of the room. */
  deck?: string | undefined;
  /** Of the second build. */
  theme?: string;
  /** Many long texts. */
  bulk: Record<string, string>;
}

/** A hidden text. It begins with this, and then names whom it is for: `SECRET:ada:17`. */
export const SECRET = "SECRET:";

/** A text of a change that was refused or rolled back. It begins with this. */
export const VOID = "VOID:";

/** The options of shared state in one room, which is named after them. */
export interface BoardVariant {
  /** `own`: each user sees its own hand, and its teams. `team`: a view for each set of tags. */
  readonly view?: "own" | "team";
  /** Whether the value is in memory only. */
  readonly isFleeting?: boolean;
  readonly keepTombstones?: number;
  /** Whether a snapshot takes more than one frame. */
  readonly isLarge?: boolean;
  readonly schema: "object" | "whole";
}

export const BOARDS = {
  plain: { schema: "object" },
  few: { schema: "whole", keepTombstones: 1 },
  own: { schema: "object", view: "own" },
  team: { schema: "whole", view: "team" },
  fleeting: { schema: "object", isFleeting: true, keepTombstones: 1 },
  veiled: { schema: "object", isFleeting: true, view: "own" },
  large: { schema: "object", isLarge: true, keepTombstones: 2 },
  vast: { schema: "object", isLarge: true, view: "own" },
} satisfies Record<string, BoardVariant>;

export type BoardVariantName = keyof typeof BOARDS;

/** The variant of a room's name, which begins with it. */
export function boardVariantOf(room: string): BoardVariant {
  return BOARDS[room.split("-")[0] as BoardVariantName];
}

/** All that a room with shared state knows. */
export interface BoardReport {
  /** Its long texts are shortened. */
  readonly value: Board;
  readonly version: number;
  readonly build: number;
  readonly connections: readonly (Who & { readonly id: string })[];
  /** What must never be, in this life of the room. */
  readonly mistakes: readonly string[];
}

/** What a connection may see. */
export function viewOf(variant: BoardVariant, board: Board, { user, tags }: Who): Board {
  if (!variant.view) return board;
  const { deck: _, hands, teams, ...shown } = board;
  const isOwn = variant.view === "own";
  return {
    ...shown,
    hands: picked(hands, (owner) => isOwn && owner === user),
    teams: picked(teams, (team) => tags.some((tag) => tag === team)),
  };
}

function picked<Value>(
  record: Readonly<Record<string, Value>>,
  isSeen: (name: string) => boolean,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => isSeen(name)));
}

const MAX_SHOWN = 60;

/** Returns a value in which long texts are short, and still differ. */
export function shortened<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "string" && inner.length > MAX_SHOWN
      ? `${inner.slice(0, MAX_SHOWN)}… of ${inner.length}`
      : inner,
  ) as Value;
}
