import type { RoomStatus } from "@partyflare/client";

/** Describes the connection, for people. */
export function describe(status: RoomStatus): string {
  switch (status.state) {
    case "connecting":
      return "Connecting …";
    case "open":
      return "Connected";
    case "waiting":
      return "The connection is lost. Reconnecting …";
    case "closed":
      return status.error?.message ?? "Closed";
    default:
      return status satisfies never;
  }
}

/** The room of this page: `?room=lobby`. */
export const roomName = new URLSearchParams(location.search).get("room") ?? "lobby";
