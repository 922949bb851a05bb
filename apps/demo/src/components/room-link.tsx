import type { MouseEvent } from "react";
import { navigate, roomPagePath } from "../route";

/** A link to a room, followed without loading the page anew. */
export function RoomLink({ room, isCurrent = false }: { room: string; isCurrent?: boolean }) {
  const path = roomPagePath(room);

  const onClick = (event: MouseEvent) => {
    // New tabs and windows are the browser's affair.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(path);
  };

  return (
    <a
      className="room-link"
      href={path}
      aria-current={isCurrent ? "page" : undefined}
      onClick={onClick}
    >
      <bdi>{room}</bdi>
    </a>
  );
}
