import { type Card, rankOf } from "../../game-rules";

/** The suits by letter. U+FE0E keeps their symbols from becoming emoji. */
const SUITS = {
  C: { symbol: "♣\uFE0E", name: "clubs", isRed: false },
  D: { symbol: "♦\uFE0E", name: "diamonds", isRed: true },
  H: { symbol: "♥\uFE0E", name: "hearts", isRed: true },
  S: { symbol: "♠\uFE0E", name: "spades", isRed: false },
};

/** Returns a card's suit. */
export function suitOf(card: Card): (typeof SUITS)["C"] {
  return SUITS[card.slice(-1) as keyof typeof SUITS];
}

/** Returns a card's name, such as “10 of hearts”. */
export function nameOfCard(card: Card): string {
  return `${rankOf(card)} of ${suitOf(card).name}`;
}
