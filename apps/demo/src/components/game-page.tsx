import { useEffect } from "react";
import { MAX_PLAYERS, MIN_PLAYERS } from "../../limits";
import { namesOf, resultOf, turnOf } from "../game/texts";
import { type Action, type Game, type SeenGame, type SeenPlayer, useGame } from "../game/use-game";
import { pagePath } from "../route";
import { useVisitorName } from "../storage/visitor";
import { ClosedNotice } from "./closed-notice";
import { CopyLink } from "./copy-link";
import { OwnHand } from "./own-hand";
import { PlayerList } from "./player-list";
import { RoomTitle } from "./room-header";
import { SiteHeader } from "./site-header";
import { StaleNote } from "./stale-note";

/** A room's game: cards in hands that only their players see. */
export function GamePage({ roomName }: { roomName: string }) {
  const [visitorName] = useVisitorName();
  const game = useGame(roomName, visitorName);
  const { status, size, value, asOfMs, refusal, reconnect } = game;
  const away = value?.players.filter(game.isAway) ?? [];

  useEffect(() => {
    document.title = `Game in ${roomName} · partyflare`;
  }, [roomName]);

  return (
    <div className="shared-page">
      <SiteHeader />
      <main className="room-main">
        <RoomTitle name={roomName} page="game" status={status}>
          <p className="canvas-count">{size} here</p>
        </RoomTitle>
        {status.state === "closed" && <ClosedNotice error={status.error} onRetry={reconnect} />}
        <div className="shared-column game" data-stale={asOfMs !== null || undefined}>
          <p className="game-rule">
            Everybody plays a card face down, and the highest one that no other card matches wins
            the round.
          </p>
          <div className="game-news" aria-live="polite" aria-busy={!value}>
            <p className="game-result">{value && resultOf(value, game.me)}</p>
            <p>
              {value ? turnOf(value, game.me, away.length) : "Joining the room…"}{" "}
              <StaleNote asOfMs={asOfMs} />
            </p>
          </div>
          {value && <Table game={game} value={value} />}
          <p className="field-error" role="alert">
            {refusal}
          </p>
          <div className="shared-actions">
            {value && <Actions game={game} value={value} away={away} />}
            <CopyLink path={pagePath("game", roomName)} />
          </div>
        </div>
      </main>
    </div>
  );
}

interface TableProps {
  game: Game;
  value: SeenGame;
}

/** This player's hand, and everyone at the table. */
function Table({ game: { me, isAway, isPending, play }, value }: TableProps) {
  const { phase, players, hands } = value;
  const own = players.find(({ id }) => id === me);
  return (
    <>
      {own && phase === "playing" && (
        <OwnHand cards={hands[own.id] ?? []} mayPlay={!own.hasPlayed && !isPending} onPlay={play} />
      )}
      {players.length > 0 && <PlayerList value={value} me={me} isAway={isAway} />}
    </>
  );
}

interface ActionsProps extends TableProps {
  /** The players without a connection. */
  away: readonly SeenPlayer[];
}

/** The buttons of what this visitor can do now. */
function Actions({ game: { me, isPending, act }, value: { phase, players }, away }: ActionsProps) {
  const isSeated = players.some(({ id }) => id === me);
  const button = (action: Action, label: string, isReady = true) => (
    <button
      type="button"
      className={action === "join" || action === "deal" ? "button primary" : "button"}
      aria-disabled={isPending || !isReady}
      onClick={() => {
        if (!isPending && isReady) act(action);
      }}
    >
      {label}
    </button>
  );

  if (phase === "playing") {
    return isSeated && away.length > 0 && button("goOn", `Go on without ${namesOf(away)}`);
  }
  if (!isSeated) return players.length < MAX_PLAYERS && button("join", "Take a seat");
  const canDeal = players.length - away.length >= MIN_PLAYERS;
  return (
    <>
      {button("deal", phase === "over" ? "New game" : "Deal", canDeal)}
      {button("leave", "Leave")}
    </>
  );
}
