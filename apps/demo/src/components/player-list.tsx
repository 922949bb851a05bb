import { type Card, rankOf } from "../../game-rules";
import { nameOfCard } from "../game/cards";
import type { Game, SeenGame, SeenPlayer } from "../game/use-game";
import { Avatar } from "./avatar";
import { PlayingCard } from "./playing-card";

interface PlayerListProps extends Pick<Game, "me" | "isAway"> {
  value: SeenGame;
}

/** The players, with their latest cards. */
export function PlayerList({ value, me, isAway }: PlayerListProps) {
  const { phase, players, faceDown, last } = value;
  const ranks = Object.values(last?.cards ?? {}).map(rankOf);
  return (
    <ul className="players" aria-label="Players">
      {players.map((player) => {
        const { id, name, score, hasPlayed } = player;
        const card = last?.cards[id];
        return (
          <li
            key={id}
            className="player"
            data-away={isAway(player) || undefined}
            data-winner={(!hasPlayed && last?.winner === id) || undefined}
          >
            <Avatar name={name} person={id} />
            <div className="player-words">
              <p className="player-title">
                <bdi className="person-name">{name}</bdi>
                {id === me && <span className="you-mark">you</span>}
              </p>
              <p className="player-state">{stateOf(player, phase, isAway(player))}</p>
            </div>
            <p className="player-score">{score} won</p>
            {hasPlayed ? (
              <PlayedCard card={faceDown[id]} />
            ) : (
              <LastCard
                card={card}
                isMatched={card !== undefined && count(ranks, rankOf(card)) > 1}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** A card of this round. Each player's page knows only the player's own. */
function PlayedCard({ card }: { card: Card | undefined }) {
  return (
    <span className="played-card">
      {card ? <PlayingCard card={card} /> : <span className="card face-down" aria-hidden="true" />}
      <span className="visually-hidden">
        {card ? `Face down: ${nameOfCard(card)}` : "A card, face down"}
      </span>
    </span>
  );
}

/** A card of the last round, or the place for one. */
function LastCard({ card, isMatched }: { card: Card | undefined; isMatched: boolean }) {
  if (!card) return <span className="card no-card" aria-hidden="true" />;
  return (
    <span className="last-card" data-matched={isMatched || undefined}>
      <PlayingCard card={card} />
      <span className="visually-hidden">
        Last round: {nameOfCard(card)}
        {isMatched && ", matched"}
      </span>
    </span>
  );
}

function stateOf({ hasPlayed, cards }: SeenPlayer, phase: SeenGame["phase"], isAway: boolean) {
  if (isAway) return "Away";
  if (phase !== "playing") return "At the table";
  return `${hasPlayed ? "Has played" : "Choosing"}, ${cards} ${cards === 1 ? "card" : "cards"} left`;
}

function count(ranks: readonly number[], rank: number): number {
  return ranks.filter((other) => other === rank).length;
}
