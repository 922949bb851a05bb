import type { Room, RoomStatus } from "@partyflare/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { chat } from "../../contract";
import type { Chat } from "../chat/use-chat";

/** Lines in the journal: enough for one fault from its cause to its end. */
const MAX_LINES = 3;

/** Something that happened to the connection. */
export interface JournalLine {
  readonly key: number;
  /** In milliseconds since 1970. */
  readonly atMs: number;
  readonly text: string;
}

interface Journal {
  /** Newest first. */
  readonly lines: readonly JournalLine[];
  readonly note: (text: string) => void;
}

/**
 * A journal of what happens to a room's connection.
 *
 * @param pending how many messages of this page the room has not confirmed.
 */
export function useJournal({ room, life }: Pick<Chat, "room" | "life">, pending: number): Journal {
  const [lines, setLines] = useState<readonly JournalLine[]>([]);
  const latestPending = useRef(pending);
  const lastLife = useRef(life);

  const note = useCallback((text: string) => {
    setLines((all) => {
      const key = (all[0]?.key ?? 0) + 1;
      return [{ key, atMs: Date.now(), text }, ...all].slice(0, MAX_LINES);
    });
  }, []);

  useEffect(() => {
    latestPending.current = pending;
  }, [pending]);

  useEffect(() => noteStatuses(room, note, () => latestPending.current), [room, note]);

  useEffect(() => {
    const isAnother = lastLife.current !== "" && lastLife.current !== life;
    lastLife.current = life;
    if (isAnother) note("The room has started anew. Its memory is empty; its messages are stored.");
  }, [life, note]);

  return { lines, note };
}

function noteStatuses(
  room: Room<typeof chat>,
  note: (text: string) => void,
  pending: () => number,
): () => void {
  let wasLost = false;
  return room.onStatus((status) => {
    if (status.state === "open") {
      if (wasLost) note(`Connected again.${sentAgain(pending())}`);
      wasLost = false;
    }
    const loss = lossOf(status);
    if (loss === null) return;
    // Attempts that fail as the last one did are one loss.
    if (!wasLost) note(loss);
    wasLost = true;
  });
}

function lossOf(status: RoomStatus): string | null {
  if (status.state === "closed") return "The connection is closed.";
  if (status.state !== "waiting") return null;
  const { code } = status.error;
  if (code === "cut") return "The room has cut the connection.";
  if (code === "timeout") return "The heartbeat noticed that no answer comes. Reconnecting.";
  return "The connection was lost. Reconnecting.";
}

function sentAgain(count: number): string {
  if (count === 0) return "";
  return count === 1 ? " 1 message was sent again." : ` ${count} messages were sent again.`;
}
