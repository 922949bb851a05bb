import type { Immutable } from "@partyflare/client";
import type { Game, Mark } from "../worker/contract";

/** Tells a person how the game stands. */
export function standing(game: Immutable<Game>, mine: Mark | undefined): string {
  const { players, result, turn } = game;
  if (result === "draw") return "Nobody has won.";
  if (result !== null) return result === mine ? "You have won!" : `${result} has won.`;
  if (players.X === null || players.O === null) return "Waiting for two players.";
  return turn === mine ? `Your turn: you play ${mine}.` : `It is the turn of ${turn}.`;
}

/** Names a square for screen readers. */
export function squareLabel(square: number, mark: Mark | null): string {
  return `Row ${Math.floor(square / 3) + 1}, column ${(square % 3) + 1}: ${mark ?? "empty"}`;
}
