import type { Contract } from "@partyflare/shared";
import { useCallback, useSyncExternalStore } from "react";
import type { Room } from "../room/room";
import { FIRST_STATUS, type RoomStatus } from "../connection/status";

/**
 * How a room's connection is; the component renders again when it changes. On a server, and while
 * its page comes to life, it is `connecting`.
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
    // What is not to connect is closed on a server too.
    () => (room.status.state === "closed" ? room.status : FIRST_STATUS),
  );
}
