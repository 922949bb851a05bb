import { randomKey, type Room } from "@partyflare/client";
import { useStatus } from "@partyflare/client/react";
import { useCallback, useEffect } from "react";
import type { chat } from "../../contract";
import { useTabState } from "../storage/tab-state";
import { reasonOf, wasCutShort } from "./refusal";

/** Something this visitor has said that the room has not confirmed yet. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was said, in milliseconds since 1970. */
  readonly atMs: number;
}

/** What is on its way to a room. */
export interface Outbox {
  readonly outgoing: readonly OutgoingMessage[];
  /** Says something, now or as soon as the room can be reached. */
  readonly say: (text: string) => void;
}

/**
 * Keeps what is said until the room has answered that it has it, over reloads and lost connections.
 *
 * One after the other, in order. A call whose answer was lost is made again when the room is open
 * again: the room knows the message by its id, and says nothing twice.
 *
 * @param onRefused called with the text of a message that the room did not take, and its reason.
 */
export function useOutbox(
  room: Room<typeof chat>,
  onRefused: (text: string, reason: string) => void,
): Outbox {
  const status = useStatus(room);
  const [outgoing, setOutgoing] = useTabState<readonly OutgoingMessage[]>(
    `partyflare:outbox:${room.name}`,
    [],
  );
  const next = outgoing[0];

  useEffect(() => {
    if (status.state !== "open" || !next) return undefined;
    const { id, text } = next;
    const settle = () => setOutgoing((all) => all.filter((message) => message.id !== id));
    const leaving = new AbortController();
    // Patiently: a second call while the first is on its way would gain nothing.
    const options = { signal: leaving.signal, timeoutMs: Infinity };
    room.call("post", { id, text }, options).then(settle, (error) => {
      if (wasCutShort(error)) return;
      settle();
      onRefused(text, reasonOf(error));
    });
    return () => leaving.abort();
  }, [room, status, next, setOutgoing, onRefused]);

  const say = useCallback(
    (text: string) => setOutgoing((all) => [...all, { id: randomKey(), text, atMs: Date.now() }]),
    [setOutgoing],
  );

  return { outgoing, say };
}
