import { type Card, rankOf } from "../../game-rules";
import { suitOf } from "../game/cards";

/** A card's face. It is decoration: its name stands in a text beside it. */
export function PlayingCard({ card }: { card: Card }) {
  const { symbol, isRed } = suitOf(card);
  return (
    <span className="card" data-red={isRed || undefined} aria-hidden="true">
      <span>{rankOf(card)}</span>
      <span>{symbol}</span>
    </span>
  );
}
