import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useRef } from "react";
import type { Room } from "../room/room";

/**
 * Calls a function with every event of a name, while the component is mounted. It is always the
 * latest render's function; a new one subscribes to nothing anew.
 *
 * @param handler is given the event's data, and for a durable event its offset too.
 *
 * @example
 * useEvent(room, "said", ({ by, text }) => setMessages((all) => [...all, { by, text }]));
 */
export function useEvent<C extends Contract, Name extends ServerEventName<C>>(
  room: Room<C>,
  event: Name,
  handler: (data: ServerEvent<C, Name>, offset?: number) => void,
): void {
  const latest = useRef(handler);
  useInsertionEffect(() => {
    latest.current = handler;
  });
  useEffect(() => room.on(event, (...details) => latest.current(...details)), [room, event]);
}
