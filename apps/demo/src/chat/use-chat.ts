import { usePartySocket } from "@partyflare/client/react";
import { isRetriedCloseCode, randomKey } from "@partyflare/shared";
import { useCallback, useEffect, useReducer, useRef } from "react";
import type { ClientMessage } from "../../messages";
import { visitorKey } from "../storage/visitor";
import { type ChatState, newChat, reduceChat } from "./chat-state";
import { readOutbox, writeOutbox } from "./outbox";
import { readServerMessage } from "./read-server-message";

/** A room, live: what is known of it, and what can be done in it. */
export interface Chat extends ChatState {
  /** Says something, now or as soon as the room can be reached. */
  readonly say: (text: string) => void;
  /** Tries again after a close that was final. */
  readonly retry: () => void;
}

/**
 * Joins a room for as long as the component lives.
 *
 * Whatever is said goes to an outbox first, and leaves it when the room has been heard saying it:
 * a message that was on its way when the connection dropped is sent again, under the same id.
 *
 * @param name this visitor's; a change is passed on at once.
 */
export function useChat(room: string, name: string): Chat {
  const [chat, dispatch] = useReducer(reduceChat, room, (key) => newChat(readOutbox(key)));
  const { connection, outbox } = chat;
  const sentIds = useRef(new Set<string>());
  const sentName = useRef(name);

  const socket = usePartySocket({
    party: "chat",
    room,
    onOpen() {
      sentIds.current.clear();
      sentName.current = name;
      send({ type: "join", key: visitorKey(), name });
    },
    onMessage(event) {
      const message = readServerMessage(event.data);
      if (message) dispatch({ type: "received", message });
    },
    onClose({ code }) {
      dispatch({ type: "lost", final: !isRetriedCloseCode(code) });
    },
  });

  function send(message: ClientMessage): void {
    socket.send(JSON.stringify(message));
  }

  useEffect(() => {
    if (connection !== "open") return;
    for (const { id, text } of outbox) {
      if (sentIds.current.has(id)) continue;
      sentIds.current.add(id);
      send({ type: "say", id, text });
    }
  });

  useEffect(() => {
    if (connection !== "open" || sentName.current === name) return;
    sentName.current = name;
    send({ type: "rename", name });
  });

  useEffect(() => writeOutbox(room, outbox), [room, outbox]);

  const say = useCallback((text: string) => {
    const message = { id: randomKey(), text, atMs: Date.now() };
    dispatch({ type: "said", message });
  }, []);

  const retry = useCallback(() => {
    dispatch({ type: "retried" });
    socket.reconnect();
  }, [socket]);

  return { ...chat, say, retry };
}
