import type { Immutable } from "@partyflare/shared";
import type { Game, Mark } from "./contract";

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const;

/** Returns a game that nobody plays yet. */
export function newGame(): Game {
  return { board: Array(9).fill(null), turn: "X", players: { X: null, O: null }, result: null };
}

/** Returns the result of a board; null if the game goes on. */
export function resultOf(board: Immutable<Game["board"]>): Game["result"] {
  for (const [one, two, three] of LINES) {
    const mark = board[one];
    if (mark && mark === board[two] && mark === board[three]) return mark;
  }
  return board.includes(null) ? null : "draw";
}

/** Returns the mark that a client plays; undefined for a watcher. */
export function markOf({ players }: Immutable<Game>, client: string): Mark | undefined {
  if (players.X === client) return "X";
  return players.O === client ? "O" : undefined;
}
