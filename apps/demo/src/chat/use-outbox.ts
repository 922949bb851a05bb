import { randomKey, type Room } from "@partyflare/client";
import { useStatus } from "@partyflare/client/react";
import { useCallback, useEffect, useRef } from "react";
import type { chat } from "../../contract";
import { useTabState } from "../storage/tab-state";
import { reasonOf } from "./refusal";

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
 * Shows what is said until the room has answered, and keeps it over reloads: lost connections are
 * the call's own matter, which happens once.
 *
 * @param onRefused called with the text of a message that the room did not take, and its reason.
 */
export function useOutbox(
  room: Room<typeof chat>,
  onRefused: (text: string, reason: string) => void,
): Outbox {
  const { state } = useStatus(room);
  const [outgoing, setOutgoing] = useTabState<readonly OutgoingMessage[]>(
    `partyflare:outbox:${room.name}`,
    [],
  );
  /** The ids of those whose answer this page waits for. */
  const posted = useRef(new Set<string>());

  const post = useCallback(
    ({ id, text }: OutgoingMessage, again?: boolean) => {
      const settle = () => setOutgoing((all) => all.filter((message) => message.id !== id));
      posted.current.add(id);
      room.call("post", { id, text, again }, { timeoutMs: Infinity }).then(settle, (error) => {
        posted.current.delete(id);
        // The room was closed for good; it is posted again if the room is entered again.
        if (error.code === "disconnected") return;
        if (error.code === "unknown_outcome") return setOutgoing((all) => [...all]);
        settle();
        onRefused(text, reasonOf(error));
      });
    },
    [room, setOutgoing, onRefused],
  );

  // What a page before this one has left, and whatever else may or may not have been said.
  useEffect(() => {
    if (state === "closed") return;
    for (const message of outgoing) if (!posted.current.has(message.id)) post(message, true);
  }, [state, outgoing, post]);

  const say = useCallback(
    (text: string) => {
      const message = { id: randomKey(), text, atMs: Date.now() };
      setOutgoing((all) => [...all, message]);
      post(message);
    },
    [setOutgoing, post],
  );

  return { outgoing, say };
}
