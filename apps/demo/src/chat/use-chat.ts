import { type Member, type Room, type RoomStatus, session } from "@partyflare/client";
import {
  type ListedEvent,
  useHistory,
  usePresence,
  useRoom,
  useStatus,
} from "@partyflare/client/react";
import { useCallback, useEffect, useState } from "react";
import type { chat, ChatMessage, Person } from "../../contract";
import { MAX_REMEMBERED } from "../../limits";
import { useAsOf } from "../hooks/use-as-of";
import { LabSocket } from "../lab/lab-socket";
import { visitorKey } from "../storage/visitor";
import { wasCutShort } from "./refusal";

/** The live state of a room. */
export interface Chat {
  readonly room: Room<typeof chat>;
  readonly status: RoomStatus;
  /** This visitor, as the room knows them. The id is missing before the room's first data. */
  readonly you: Person;
  /** Everyone in the room, by name. */
  readonly people: readonly Person[];
  /** The others who are writing a message, by name. */
  readonly typing: readonly Person[];
  readonly setTyping: (isTyping: boolean) => void;
  /** The time of the last update of `people`, in ms since 1970; null while `people` is current. */
  readonly asOfMs: number | null;
  /**
   * An id of the room's memory, which changes with every start and wake. Empty before it is known.
   */
  readonly life: string;
  /** The messages, oldest first; null until the messages and this visitor's id are known. */
  readonly said: readonly ListedEvent<ChatMessage>[] | null;
}

/**
 * Joins a room while the component is mounted.
 *
 * @param visitorName the visitor's name on entering; in the room, `rename` changes it.
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
  const { me, members, others, set } = usePresence(room, { initial: { typing: false } });
  const [life, setLife] = useState("");

  useEffect(() => {
    if (status.state !== "open") return undefined;
    const leaving = new AbortController();
    room
      .call("life", undefined, { signal: leaving.signal })
      .then(setLife, (error) => wasCutShort(error) || reportError(error));
    return () => leaving.abort();
  }, [room, status]);

  const setTyping = useCallback((typing: boolean) => set({ typing }), [set]);
  const asOfMs = useAsOf(status);
  const you = me ? personOf(me) : { id: "", name: visitorName };
  const people = byName(members);
  const typing = byName(others.filter(({ presence }) => presence?.typing));
  const isKnown = me && life !== "" && (events.length > 0 || !isLoading);
  const said = isKnown ? events : null;
  return { room, status, you, people, typing, setTyping, asOfMs, life, said };
}

type ChatMember = Member<typeof chat>;

function personOf({ key, info }: ChatMember): Person {
  return { id: key, name: info.name };
}

function byName(members: readonly ChatMember[]): Person[] {
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own, and older browsers have no other
  return members.map(personOf).sort((a, b) => a.name.localeCompare(b.name));
}
