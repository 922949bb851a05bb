import type { Immutable } from "@partyflare/shared";
import type { GameState, Player } from "./contract";

const CARDS = 60;

const CARDS_OF_A_HAND = 5;

/** Returns a player with the cards face down. */
export function faceDown(player: Immutable<Player>): Immutable<Player> {
  return { ...player, hand: player.hand.map(() => 0), played: player.played && 0 };
}

/** Gives each player a hand. */
export function deal(game: GameState) {
  const deck = shuffledDeck();
  for (const player of game.players) {
    player.hand = deck.splice(0, CARDS_OF_A_HAND).toSorted((one, other) => one - other);
    player.played = null;
    player.points = 0;
  }
  game.last = {};
  game.phase = "playing";
}

/** Plays a card of a player. The last card of a round ends it. */
export function play(game: GameState, player: Player, card: number) {
  player.hand = player.hand.filter((each) => each !== card);
  player.played = card;
  if (game.players.some(({ played }) => played === null)) return;
  game.last = Object.fromEntries(game.players.map(({ id, played }) => [id, Number(played)]));
  const highest = Math.max(...Object.values(game.last));
  for (const each of game.players) {
    if (each.played === highest) each.points += 1;
    each.played = null;
  }
  if (player.hand.length === 0) game.phase = "over";
}

/** Sorts the cards by random numbers that nobody can predict. */
function shuffledDeck(): number[] {
  const order = crypto.getRandomValues(new Uint32Array(CARDS));
  return Array.from(order.keys())
    .toSorted((one, other) => Number(order[one]) - Number(order[other]))
    .map((index) => index + 1);
}
