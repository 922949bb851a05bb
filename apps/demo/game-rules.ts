import type { SharedOf } from "@partyflare/shared";
import type { game } from "./contract";
import { MAX_PLAYERS, MIN_PLAYERS, ROUNDS } from "./limits";

/** The value of a game. In a browser, `hands` and `faceDown` have only what is that browser's. */
export type GameValue = SharedOf<typeof game>;

export type Player = GameValue["players"][number];

/** A card, such as `10H` for the ten of hearts. */
export type Card = GameValue["hands"][string][number];

/** All cards. */
const DECK = (["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"] as const).flatMap((rank) =>
  (["C", "D", "H", "S"] as const).map((suit): Card => `${rank}${suit}`),
);

/** Returns the value of a game without players. */
export function newGame(): GameValue {
  return { phase: "waiting", round: 0, players: [], hands: {}, faceDown: {}, last: null };
}

/** Returns a card's number, which decides. */
export function rankOf(card: Card): number {
  return Number.parseInt(card, 10);
}

/** Gives a player a seat, if there is one and no game is on. Returns whether they have one. */
export function takeSeat(game: GameValue, { id, name }: Pick<Player, "id" | "name">): boolean {
  if (game.players.some((player) => player.id === id)) return true;
  if (game.phase === "playing" || game.players.length >= MAX_PLAYERS) return false;
  game.players.push({ id, name, score: 0, cards: 0, hasPlayed: false });
  return true;
}

/** Takes players' seats and their cards. A game with too few players ends. */
export function leaveSeats(game: GameValue, ids: ReadonlySet<string>): void {
  game.players = game.players.filter(({ id }) => !ids.has(id));
  for (const id of ids) {
    delete game.hands[id];
    delete game.faceDown[id];
  }
  if (game.phase === "playing" && game.players.length < MIN_PLAYERS) endGame(game, "waiting");
  else settle(game);
}

/**
 * Begins a new game: everyone at the table gets a hand.
 *
 * @param random returns a number from 0 to below 1. Nobody may be able to predict it.
 */
export function deal(game: GameValue, random: () => number): void {
  const deck = shuffled(DECK, random);
  game.phase = "playing";
  game.round = 1;
  game.last = null;
  game.faceDown = {};
  game.hands = {};
  for (const player of game.players) {
    game.hands[player.id] = deck.splice(0, ROUNDS).toSorted((a, b) => rankOf(a) - rankOf(b));
    player.score = 0;
    player.cards = ROUNDS;
    player.hasPlayed = false;
  }
}

/** Returns whether a player may play a card now. */
export function mayPlay(game: GameValue, id: string, card: Card): boolean {
  const player = game.players.find((other) => other.id === id);
  if (game.phase !== "playing" || !player || player.hasPlayed) return false;
  return game.hands[id]?.includes(card) ?? false;
}

/** Puts a card of a player's hand on the table, face down. */
export function layDown(game: GameValue, id: string, card: Card): void {
  const player = game.players.find((other) => other.id === id);
  const hand = game.hands[id];
  if (!player || !hand) return;
  game.hands[id] = hand.filter((other) => other !== card);
  game.faceDown[id] = card;
  player.cards -= 1;
  player.hasPlayed = true;
}

/** Turns the cards over once all players have played, and begins the next round. */
export function settle(game: GameValue): void {
  if (game.phase !== "playing" || game.players.some(({ hasPlayed }) => !hasPlayed)) return;
  const winner = winnerOf(game.faceDown);
  game.last = { round: game.round, cards: { ...game.faceDown }, winner };
  game.faceDown = {};
  for (const player of game.players) {
    player.hasPlayed = false;
    if (player.id === winner) player.score += 1;
  }
  if (game.round === ROUNDS) endGame(game, "over");
  else game.round += 1;
}

/** Returns the key of the highest card whose number no other card has; null if there is none. */
export function winnerOf(cards: Readonly<Record<string, Card>>): string | null {
  const played = Object.entries(cards);
  const ranks = played.map(([, card]) => rankOf(card));
  const [highest] = played
    .filter(([, card]) => ranks.filter((rank) => rank === rankOf(card)).length === 1)
    .toSorted(([, a], [, b]) => rankOf(b) - rankOf(a));
  return highest?.[0] ?? null;
}

/** Returns the players who have won the most rounds. */
export function leadersOf<Score extends { readonly score: number }>(
  players: readonly Score[],
): Score[] {
  const most = Math.max(...players.map(({ score }) => score));
  return players.filter(({ score }) => score === most && score > 0);
}

function endGame(game: GameValue, phase: "waiting" | "over"): void {
  game.phase = phase;
  game.hands = {};
  game.faceDown = {};
  for (const player of game.players) {
    player.cards = 0;
    player.hasPlayed = false;
  }
}

/** Returns the cards in a random order. Each order is as likely as any other. */
function shuffled(cards: readonly Card[], random: () => number): Card[] {
  const left = [...cards];
  return cards.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}
