import { type Room, type RoomStatus, session } from "@partyflare/client";
import {
  type ListedEvent,
  useEvent,
  useHistory,
  useRoom,
  useStatus,
} from "@partyflare/client/react";
import { useEffect, useState } from "react";
import type { chat, ChatMessage, Person } from "../../contract";
import { MAX_REMEMBERED } from "../../limits";
import { visitorKey } from "../storage/visitor";
import { wasCutShort } from "./refusal";

/** A room, live: what is known of it. */
export interface Chat {
  readonly room: Room<typeof chat>;
  readonly status: RoomStatus;
  /** This visitor, as the room knows them. Without an id before the room has been heard. */
  readonly you: Person;
  readonly people: readonly Person[];
  /** What was said, oldest first; null before that is known, and whose words are whose. */
  readonly said: readonly ListedEvent<ChatMessage>[] | null;
}

/**
 * Joins a room for as long as the component lives.
 *
 * @param visitorName by which the visitor enters; in the room, `rename` changes it.
 */
export function useChat(roomName: string, visitorName: string): Chat {
  const room = useRoom<typeof chat>({
    party: "chat",
    room: roomName,
    token: visitorKey,
    query: () => ({ name: visitorName }),
    resume: session(),
  });
  const status = useStatus(room);
  const { events, isLoading } = useHistory(room, "said", { limit: MAX_REMEMBERED });
  const [here, setHere] = useState(NOBODY);

  useEvent(room, "here", (people) => setHere(({ you }) => ({ you, people })));

  useEffect(() => {
    if (status.state !== "open") return undefined;
    const leaving = new AbortController();
    room
      .call("enter", undefined, { signal: leaving.signal })
      .then(setHere, (error) => wasCutShort(error) || reportError(error));
    return () => leaving.abort();
  }, [room, status]);

  const { people } = here;
  const you = people.find(({ id }) => id === here.you) ?? { id: here.you, name: visitorName };
  const isKnown = here.you !== "" && (events.length > 0 || !isLoading);
  return { room, status, you, people, said: isKnown ? events : null };
}

interface Here extends Pick<Chat, "people"> {
  /** This visitor's id. */
  readonly you: string;
}

const NOBODY: Here = { you: "", people: [] };
