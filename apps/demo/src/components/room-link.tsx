import type { MouseEvent } from "react";
import { navigate, roomPagePath } from "../route";

/** A link to a room that does not reload the page. */
export function RoomLink({ room, isCurrent = false }: { room: string; isCurrent?: boolean }) {
  const path = roomPagePath(room);

  const onClick = (event: MouseEvent) => {
    // The browser opens new tabs and windows itself.
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
