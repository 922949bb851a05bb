import { type PartyError, randomKey, type Room } from "@partyflare/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { chat } from "../../contract";
import { reasonOf } from "./refusal";

/** A message of this visitor that the room has not confirmed yet. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When the visitor sent it, in ms since 1970. */
  readonly atMs: number;
}

/** The pending messages to a room. */
export interface Outgoing {
  readonly outgoing: readonly OutgoingMessage[];
  /** Sends a message, now or when the room is reachable. */
  readonly say: (text: string) => void;
}

/**
 * Shows messages until the room has answered. The call itself survives lost connections and
 * reloads: it happens once, and the next page resumes it.
 *
 * @param onRefused called with the text of a message that the room refused, and the reason.
 */
export function useOutgoing(
  room: Room<typeof chat>,
  onRefused: (text: string, reason: string) => void,
): Outgoing {
  const [outgoing, setOutgoing] = useState<readonly OutgoingMessage[]>([]);
  /** The ids of messages that already have a handler. Effects run twice under StrictMode. */
  const followed = useRef(new Set<string>());

  const follow = useCallback(
    (message: OutgoingMessage, answer: Promise<void>) => {
      if (followed.current.has(message.id)) return;
      followed.current.add(message.id);
      const settle = () => setOutgoing((all) => all.filter(({ id }) => id !== message.id));
      setOutgoing((all) => [...all, message]);
      answer.then(settle, (error: PartyError) => {
        settle();
        // Another tab resumes the calls that are not this tab's.
        if (error.code !== "aborted") onRefused(message.text, reasonOf(error));
      });
    },
    [onRefused],
  );

  // Resumes the unanswered messages of the previous page.
  useEffect(() => {
    for (const { call, input, answer } of room.resumed) {
      if (call === "post") follow({ ...input, atMs: Date.now() }, answer);
    }
  }, [room, follow]);

  const say = useCallback(
    (text: string) => {
      const id = randomKey();
      follow(
        { id, text, atMs: Date.now() },
        room.call("post", { id, text }, { timeoutMs: Infinity }),
      );
    },
    [room, follow],
  );

  return { outgoing, say };
}
