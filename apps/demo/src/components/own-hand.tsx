import { useId, useRef } from "react";
import type { Card } from "../../game-rules";
import { nameOfCard } from "../game/cards";
import { PlayingCard } from "./playing-card";

interface OwnHandProps {
  cards: readonly Card[];
  /** Whether a card can be played now. */
  mayPlay: boolean;
  onPlay: (card: Card) => void;
}

/** This player's cards. A click plays one. */
export function OwnHand({ cards, mayPlay, onPlay }: OwnHandProps) {
  const hand = useRef<HTMLDivElement>(null);
  const titleId = useId();
  return (
    <div ref={hand} className="hand" role="group" aria-labelledby={titleId} tabIndex={-1}>
      <h2 id={titleId}>Your hand</h2>
      <div className="hand-cards">
        {cards.map((card) => (
          <button
            key={card}
            type="button"
            className="card-button"
            aria-label={`Play the ${nameOfCard(card)}`}
            aria-disabled={!mayPlay}
            onClick={() => {
              if (!mayPlay) return;
              onPlay(card);
              // This button disappears, so the focus moves to the hand.
              hand.current?.focus({ preventScroll: true });
            }}
          >
            <PlayingCard card={card} />
          </button>
        ))}
      </div>
    </div>
  );
}
