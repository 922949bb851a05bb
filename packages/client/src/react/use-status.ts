import type { Contract } from "@partyflare/shared";
import { useCallback, useSyncExternalStore } from "react";
import type { Room } from "../room/room";
import { FIRST_STATUS, type RoomStatus } from "../connection/status";

/**
 * Returns the status of a room's connection. The component renders again when the status changes.
 * On a server and during hydration, the status is `connecting`, or `closed` with `enabled: false`.
 *
 * @example
 * const status = useStatus(room);
 * if (status.state === "closed") return <p>{status.error?.message ?? "You have left."}</p>;
 */
export function useStatus<C extends Contract>(room: Room<C>): RoomStatus {
  const subscribe = useCallback((onChange: () => void) => room.onStatus(onChange), [room]);
  return useSyncExternalStore(
    subscribe,
    () => room.status,
    // A room that does not connect is closed on a server too.
    () => (room.status.state === "closed" ? room.status : FIRST_STATUS),
  );
}
