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
import { LabSocket } from "../lab/lab-socket";
import { network } from "../lab/network";
import { visitorKey } from "../storage/visitor";
import { wasCutShort } from "./refusal";

/** A room, live: what is known of it. */
export interface Chat {
  readonly room: Room<typeof chat>;
  readonly status: RoomStatus;
  /** This visitor, as the room knows them. Without an id before the room has been heard. */
  readonly you: Person;
  readonly people: readonly Person[];
  /** When `people` was last known to be right, in milliseconds since 1970; null while it is. */
  readonly asOfMs: number | null;
  /** An id of the room's memory: another one after every start and wake. Empty before it is known. */
  readonly life: string;
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
    WebSocket: LabSocket,
  });
  const status = useStatus(room);
  const { events, isLoading } = useHistory(room, "said", { limit: MAX_REMEMBERED });
  const [here, setHere] = useState(NOBODY);

  useEvent(room, "here", (people) => setHere((last) => ({ ...last, people })));

  useEffect(() => {
    if (status.state !== "open") return undefined;
    const leaving = new AbortController();
    room
      .call("enter", undefined, { signal: leaving.signal })
      .then(setHere, (error) => wasCutShort(error) || reportError(error));
    return () => leaving.abort();
  }, [room, status]);

  const asOfMs = useAsOf(status);
  const { people, life } = here;
  const you = people.find(({ id }) => id === here.you) ?? { id: here.you, name: visitorName };
  const isKnown = here.you !== "" && (events.length > 0 || !isLoading);
  return { room, status, you, people, asOfMs, life, said: isKnown ? events : null };
}

/** When the room was last heard, once that connection is lost; null while there is one. */
function useAsOf({ state }: RoomStatus): number | null {
  const isOpen = state === "open";
  // Attempts that fail later do not change it.
  const [asOfMs, setAsOfMs] = useState<number | null>(null);
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen !== wasOpen) {
    setWasOpen(isOpen);
    setAsOfMs(isOpen ? null : network.heardAtMs);
  }
  return asOfMs;
}

interface Here extends Pick<Chat, "people" | "life"> {
  /** This visitor's id. */
  readonly you: string;
}

const NOBODY: Here = { you: "", people: [], life: "" };
