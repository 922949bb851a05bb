import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useRef } from "react";
import type { Room } from "../room/room";

/**
 * Calls the latest render's function with every event of a name, while the component is mounted. A
 * new function does not cause a new subscription.
 *
 * @param handler receives the event's data, and the offset of a durable event.
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
