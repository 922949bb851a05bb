import { type PartyError, randomKey, type Room } from "@partyflare/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { chat } from "../../contract";
import { reasonOf } from "./refusal";

/** Something this visitor has said that the room has not confirmed yet. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was said, in milliseconds since 1970. */
  readonly atMs: number;
}

/** What is on its way to a room. */
export interface Outgoing {
  readonly outgoing: readonly OutgoingMessage[];
  /** Says something, now or as soon as the room can be reached. */
  readonly say: (text: string) => void;
}

/**
 * Shows what is said until the room has answered. Lost connections and reloads are the call's own
 * matter: it happens once, and the page after this one goes on with it.
 *
 * @param onRefused called with the text of a message that the room did not take, and its reason.
 */
export function useOutgoing(
  room: Room<typeof chat>,
  onRefused: (text: string, reason: string) => void,
): Outgoing {
  const [outgoing, setOutgoing] = useState<readonly OutgoingMessage[]>([]);
  /** The ids of those whose answer is waited for: effects run twice under StrictMode. */
  const followed = useRef(new Set<string>());

  const follow = useCallback(
    (message: OutgoingMessage, answer: Promise<void>) => {
      if (followed.current.has(message.id)) return;
      followed.current.add(message.id);
      const settle = () => setOutgoing((all) => all.filter(({ id }) => id !== message.id));
      setOutgoing((all) => [...all, message]);
      answer.then(settle, (error: PartyError) => {
        settle();
        // Another tab goes on with what is not this one's.
        if (error.code !== "aborted") onRefused(message.text, reasonOf(error));
      });
    },
    [onRefused],
  );

  // What the page before this one has said, and had no answer to.
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
