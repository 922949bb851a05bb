import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import { useCallback, useSyncExternalStore } from "react";
import type { Room } from "../room/room";

/**
 * Returns the data of the latest event of a name. The component renders again with every such
 * event. An event that arrived before the component mounted counts, even without a listener. The
 * result is undefined before the first event, and on a server.
 *
 * @example
 * const score = useLatest(room, "scored");
 * return <p>{score ? score.points : "Nobody has scored."}</p>;
 */
export function useLatest<C extends Contract, Name extends ServerEventName<C>>(
  room: Room<C>,
  event: Name,
): ServerEvent<C, Name> | undefined {
  const subscribe = useCallback((onChange: () => void) => room.on(event, onChange), [room, event]);
  return useSyncExternalStore(
    subscribe,
    () => room.latest(event),
    () => undefined,
  );
}
