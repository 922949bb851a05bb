import { browserKey, type RoomStatus, sharedState } from "@partyflare/client";
import { useCall, usePresence, useRoom, useShared, useStatus } from "@partyflare/client/react";
import type { Immutable } from "@partyflare/shared";
import type { poll } from "../../contract";
import { castVote, type PollValue } from "../../poll-rules";
import { useAsOf } from "../hooks/use-as-of";
import { LabSocket } from "../lab/lab-socket";
import { changed } from "../optimistic";
import { reasonOf, wasCutShort } from "../chat/refusal";

/** The live state of a poll. */
export interface Poll {
  readonly status: RoomStatus;
  /** Undefined until the room has sent it. */
  readonly value: Immutable<PollValue> | undefined;
  /** How many browsers are here. */
  readonly size: number;
  /** The id of this browser's option; undefined before it has voted. */
  readonly vote: string | undefined;
  readonly isHost: boolean;
  /** Whether the room has not answered the latest vote. */
  readonly isPending: boolean;
  /** Why the room refused the latest vote or change; undefined if it did not. */
  readonly refusal: string | undefined;
  /** When the room last sent data, in ms since 1970; null while the value is current. */
  readonly asOfMs: number | null;
  readonly castVote: (option: string) => void;
  readonly setOpen: (isOpen: boolean) => void;
  readonly reconnect: () => void;
}

/** Joins a poll while the component is mounted. */
export function usePoll(roomName: string): Poll {
  const room = useRoom<typeof poll>({
    party: "poll",
    room: roomName,
    // All tabs of this browser are one voter.
    key: browserKey(),
    WebSocket: LabSocket,
  });
  const status = useStatus(room);
  const asOfMs = useAsOf(status);
  const { size } = usePresence(room);
  const value = useShared(room);
  const vote = useCall(room, "vote");
  const opening = useCall(room, "setOpen");
  const { optimistic } = sharedState(room);
  const error = vote.error ?? opening.error;
  const me = room.client ?? "";

  return {
    status,
    asOfMs,
    size,
    value,
    vote: value?.votes[me],
    isHost: me === value?.host,
    isPending: vote.isPending,
    refusal: error && !wasCutShort(error) ? reasonOf(error) : undefined,
    castVote(option) {
      opening.reset();
      void optimistic(vote.call({ option }), (before) =>
        changed<PollValue>(before, (draft) => castVote(draft, me, option)),
      );
    },
    setOpen(isOpen) {
      vote.reset();
      void optimistic(opening.call({ isOpen }), (before) => ({ ...before, isOpen }));
    },
    reconnect: () => room.reconnect(),
  };
}
