import type { Team } from "./presence-contract.ts";
import { type Board, SECRET, VOID } from "./shared-report.ts";

/** One thing that a change does to the value. What cannot be done is left. */
export type Edit =
  | { readonly do: "count" | "clear" | "reverse" | "shuffle" | "thin" }
  | { readonly do: "vote" | "weigh" | "unvote"; readonly key: string }
  | { readonly do: "insert" | "remove" | "amend"; readonly at: number }
  | { readonly do: "move"; readonly from: number; readonly to: number }
  | { readonly do: "title" }
  | { readonly do: "replace"; readonly keys: readonly string[] }
  | { readonly do: "free"; readonly shape: number }
  | { readonly do: "deal"; readonly to: string }
  | { readonly do: "brief"; readonly team: Team }
  | { readonly do: "fill"; readonly from: number; readonly to: number };

/** How a change ends: it is kept; or refused for what it has written; or rolled back. */
export type Ending = "kept" | "invalid" | "tooLarge" | "notJson" | "proto" | "undone";

/** What a client asks for. */
export interface Change {
  /** Of this change alone. */
  readonly id: string;
  readonly edits: readonly Edit[];
  readonly ending: Ending;
  /** Whether each edit is a change of its own. */
  readonly isSplit: boolean;
  /** The text of its votes. Default: a text with the id. */
  readonly text?: string;
}

/** More than an entry may have, in characters. */
const TOO_LONG = 600_000;

/** The length of each of the long texts. So many of them need more than one frame. */
const LONG = 7_000;
export const BULK = 48;

/** What a key of any kind is set to, one after the other; undefined for its deletion. */
const SHAPES: readonly ((text: string) => unknown)[] = [
  (text) => text,
  () => 7,
  () => null,
  (text) => ({ a: text, b: { deep: [text] } }),
  (text) => ({ b: { deep: [text] } }),
  () => ({}),
  (text) => [
    { id: "1", text },
    { id: "2", text },
  ],
  (text) => [
    { id: "2", text },
    { id: "3", text },
    { id: "1", text },
  ],
  (text) => [{ id: "1" }, { id: "1", text }],
  () => [],
  (text) => [1, text, [2]],
  () => undefined,
];
export const SHAPE_COUNT = SHAPES.length;

/** Returns the value of a fresh room. */
export function freshBoard(build: number, isLarge: boolean): Board {
  const board: Board = {
    title: build === 2 ? { text: "" } : "",
    count: 0,
    votes: {},
    kept: {},
    items: [],
    hands: { ada: [`${SECRET}ada:0`] },
    teams: {},
    deck: `${SECRET}deck:0`,
    bulk: {},
  };
  if (isLarge) fill(board, "fresh", 0, BULK);
  return board;
}

/** Carries out one edit of a change. */
export function applyEdit(draft: Board, edit: Edit, text: string, build: number): void {
  const { items, votes } = draft;
  switch (edit.do) {
    case "count":
      draft.count += 1;
      return;
    case "title":
      draft.title = build === 2 ? { text } : text;
      return;
    case "vote":
      votes[edit.key] = { choice: text, weight: 0 };
      return;
    case "weigh": {
      const vote = Object.hasOwn(votes, edit.key) ? votes[edit.key] : undefined;
      if (vote) vote.weight += 1;
      return;
    }
    case "unvote":
      delete votes[edit.key];
      return;
    case "replace":
      draft.votes = Object.fromEntries(
        edit.keys.map((key) => [key, { choice: text, weight: votes[key]?.weight ?? 0 }]),
      );
      return;
    case "insert":
      items.splice(edit.at % (items.length + 1), 0, { id: `${text} ${items.length}`, text });
      return;
    case "remove":
      items.splice(edit.at % (items.length + 1), 1);
      return;
    case "amend": {
      const item = items[edit.at % (items.length + 1)];
      if (item) item.text = text;
      return;
    }
    case "move": {
      const [item] = items.splice(edit.from % (items.length + 1), 1);
      if (item) items.splice(edit.to % (items.length + 1), 0, item);
      return;
    }
    case "reverse":
      draft.items = items.toReversed();
      return;
    case "clear":
      draft.items = [];
      return;
    case "free": {
      const value = SHAPES[edit.shape % SHAPES.length]?.(text);
      if (value === undefined) delete draft.free;
      else draft.free = value;
      return;
    }
    case "deal":
      draft.hands[edit.to] = [`${SECRET}${edit.to}:${text}`];
      return;
    case "brief":
      draft.teams[edit.team] = `${SECRET}${edit.team}:${text}`;
      return;
    case "shuffle":
      draft.deck = `${SECRET}deck:${text}`;
      return;
    case "fill":
      return fill(draft, text, edit.from, edit.to);
    case "thin":
      for (const name of Object.keys(draft.bulk).slice(0, 3)) delete draft.bulk[name];
      return;
    default:
      edit satisfies never;
  }
}

/** Writes what the room has to refuse. */
export function spoil(draft: Board, ending: Ending): void {
  switch (ending) {
    case "invalid":
      draft.votes["spoilt"] = { choice: `${VOID}choice`, weight: `${VOID}weight` as never };
      return;
    case "tooLarge":
      draft.bulk["spoilt"] = VOID + "x".repeat(TOO_LONG);
      return;
    case "notJson":
      draft.free = { text: VOID, at: NaN };
      return;
    case "proto":
      draft.free = JSON.parse(`{ "__proto__": "${VOID}" }`);
      return;
    case "kept":
    case "undone":
      return;
    default:
      ending satisfies never;
  }
}

function fill(board: Board, text: string, from: number, to: number): void {
  for (let index = from; index < Math.min(to, BULK); index += 1) {
    board.bulk[`b${index}`] = `${text} ${index} `.padEnd(LONG, "x");
  }
}
