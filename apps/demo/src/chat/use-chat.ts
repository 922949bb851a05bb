import type { Room, RoomStatus } from "@partyflare/client";
import { useEvent, useRoom, useStatus } from "@partyflare/client/react";
import { useEffect, useState } from "react";
import type { chat, ChatMessage, Person } from "../../contract";
import { visitorKey } from "../storage/visitor";
import { wasCutShort } from "./refusal";

/** A room, live: what is known of it. */
export interface Chat {
  readonly room: Room<typeof chat>;
  readonly status: RoomStatus;
  /** This visitor, as the room knows them. Without an id before the room has been heard. */
  readonly you: Person;
  readonly people: readonly Person[];
  /** What the room has heard, oldest first; null before the room has been heard. */
  readonly messages: readonly ChatMessage[] | null;
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
  });
  const status = useStatus(room);
  const [heard, setHeard] = useState(NOTHING_HEARD);

  useEvent(room, "here", (people) => setHeard((known) => ({ ...known, people })));
  useEvent(room, "said", (message) =>
    setHeard((known) => ({ ...known, messages: merge(known.messages, [message]) })),
  );

  // Asked at every connection: whatever was missed in between is part of the answer.
  useEffect(() => {
    if (status.state !== "open") return undefined;
    const leaving = new AbortController();
    room.call("enter", undefined, { signal: leaving.signal }).then(
      (now) => setHeard(({ messages }) => ({ ...now, messages: merge(messages, now.messages) })),
      (error) => wasCutShort(error) || reportError(error),
    );
    return () => leaving.abort();
  }, [room, status]);

  const { people, messages } = heard;
  const you = people.find(({ id }) => id === heard.you) ?? { id: heard.you, name: visitorName };
  return { room, status, you, people, messages };
}

interface Heard extends Pick<Chat, "people" | "messages"> {
  /** This visitor's id. */
  readonly you: string;
}

const NOTHING_HEARD: Heard = { you: "", people: [], messages: null };

/** The room's order, each once. What it has forgotten since stays on this page. */
function merge(known: readonly ChatMessage[] | null, heard: readonly ChatMessage[]) {
  const ids = new Set(heard.map(({ id }) => id));
  return [...(known ?? []).filter(({ id }) => !ids.has(id)), ...heard];
}
