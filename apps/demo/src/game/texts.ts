import { leadersOf } from "../../game-rules";
import { MAX_PLAYERS, MIN_PLAYERS, ROUNDS } from "../../limits";
import { nameOfCard } from "./cards";
import type { SeenGame, SeenPlayer } from "./use-game";

/** The most names in a sentence. */
const MAX_NAMED = 2;

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

/** Returns the result of the last round, or of the game; empty before the first. */
export function resultOf({ phase, players, last }: SeenGame, me: string | undefined): string {
  if (!last || phase === "waiting") return "";
  if (phase === "over") return resultOfGame(players, me);
  const card = last.winner === null ? undefined : last.cards[last.winner];
  if (!card) return `Round ${last.round}: no card is alone, and nobody wins.`;
  const winner = players.find(({ id }) => id === last.winner);
  const [name, wins] = winner?.id === me ? ["you", "win"] : [winner?.name ?? "a player", "wins"];
  return `Round ${last.round}: ${name} ${wins} with the ${nameOfCard(card)}.`;
}

/**
 * Returns what happens now.
 *
 * @param away how many players have no connection.
 */
export function turnOf(game: SeenGame, me: string | undefined, away: number): string {
  const { phase, players, round } = game;
  const own = players.find(({ id }) => id === me);
  if (phase !== "playing") return own ? beforeGame(players.length - away) : seatsOf(players);
  if (!own) return `Round ${round} of ${ROUNDS}. You are watching this game.`;
  if (!own.hasPlayed) return `Round ${round} of ${ROUNDS}: play a card.`;
  const others = players.filter(({ hasPlayed }) => !hasPlayed);
  return `Round ${round} of ${ROUNDS}: waiting for ${namesOf(others)}.`;
}

/** Returns players' names as a list in words; of many, how many they are. */
export function namesOf(players: readonly SeenPlayer[]): string {
  if (players.length > MAX_NAMED) return `${players.length} players`;
  return LIST.format(players.map(({ name }) => name));
}

function resultOfGame(players: readonly SeenPlayer[], me: string | undefined): string {
  const leaders = leadersOf(players);
  const [leader] = leaders;
  if (!leader) return "Game over: nobody has won a round.";
  const rounds = `${leader.score} ${leader.score === 1 ? "round" : "rounds"}`;
  if (leaders.length > 1) return `Game over: ${namesOf(leaders)} share the win, ${rounds} each.`;
  if (leader.id === me) return `Game over: you win, with ${rounds}.`;
  return `Game over: ${leader.name} wins, with ${rounds}.`;
}

function beforeGame(here: number): string {
  if (here < MIN_PLAYERS) return "The game needs another player: send somebody the link.";
  return "Anybody at the table may deal.";
}

function seatsOf({ length }: readonly SeenPlayer[]): string {
  if (length >= MAX_PLAYERS) return `All ${MAX_PLAYERS} seats are taken: you are watching.`;
  return length === 0 ? "Nobody has a seat yet." : "There is a seat for you.";
}
