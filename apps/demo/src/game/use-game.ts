import { browserKey, type PartyError, type RoomStatus, sharedState } from "@partyflare/client";
import { usePresence, useRoom, useShared, useStatus } from "@partyflare/client/react";
import type { Immutable } from "@partyflare/shared";
import { useCallback, useState } from "react";
import type { game } from "../../contract";
import { type Card, type GameValue, layDown } from "../../game-rules";
import { reasonOf, wasCutShort } from "../chat/refusal";
import { useAsOf } from "../hooks/use-as-of";
import { LabSocket } from "../lab/lab-socket";
import { changed } from "../optimistic";

/** The value of a game, as this browser may see it. */
export type SeenGame = Immutable<GameValue>;

export type SeenPlayer = SeenGame["players"][number];

/** The live state of a game. */
export interface Game {
  readonly status: RoomStatus;
  /** Undefined until the room has sent it. */
  readonly value: SeenGame | undefined;
  /** How many browsers are here. */
  readonly size: number;
  /** This browser's client; undefined until the room has told it. */
  readonly me: string | undefined;
  /** Whether a player has no connection. */
  readonly isAway: (player: SeenPlayer) => boolean;
  /** When the room last sent data, in ms since 1970; null while the value is current. */
  readonly asOfMs: number | null;
  /** Whether the room has not answered the latest call. */
  readonly isPending: boolean;
  /** Why the room refused the latest call; undefined if it did not. */
  readonly refusal: string | undefined;
  readonly play: (card: Card) => void;
  readonly act: (action: Action) => void;
  readonly reconnect: () => void;
}

/** What a browser can do, beside playing a card. */
export type Action = "join" | "leave" | "deal" | "goOn";

/** Joins a game while the component is mounted. */
export function useGame(roomName: string, visitorName: string): Game {
  const room = useRoom<typeof game>({
    party: "game",
    room: roomName,
    // A reload, and another tab, are the same player.
    key: browserKey(),
    query: () => ({ name: visitorName }),
    WebSocket: LabSocket,
  });
  const status = useStatus(room);
  const asOfMs = useAsOf(status);
  const { members, size } = usePresence(room);
  const value = useShared(room);
  const { isPending, refusal, follow } = useOutcome();
  const me = room.client;

  return {
    status,
    asOfMs,
    size,
    value,
    me,
    isAway: ({ id }) => !members.some(({ key }) => key === id),
    isPending,
    refusal,
    play(card) {
      if (!me) return;
      const call = room.call("play", { card });
      follow(call);
      // The hand is right at once. The other players' cards are not known here, so the room alone
      // turns the cards over.
      void sharedState(room).optimistic(call, (before) =>
        changed<GameValue>(before, (draft) => layDown(draft, me, card)),
      );
    },
    act: (action) => follow(room.call(action)),
    reconnect: () => room.reconnect(),
  };
}

/** Returns what has become of the latest call. Its buttons wait for it, so there is one at a time. */
function useOutcome() {
  const [isPending, setIsPending] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  const follow = useCallback((call: PromiseLike<void>) => {
    setIsPending(true);
    setRefusal(undefined);
    call.then(
      () => setIsPending(false),
      (error: PartyError) => {
        setIsPending(false);
        if (!wasCutShort(error)) setRefusal(reasonOf(error));
      },
    );
  }, []);

  return { isPending, refusal, follow };
}
