import type { MouseEvent, ReactNode } from "react";
import { navigate, roomPagePath } from "../route";

interface PageLinkProps {
  path: string;
  className?: string;
  isCurrent?: boolean;
  children: ReactNode;
}

/** A link to another page that does not reload the document. */
export function PageLink({ path, className, isCurrent = false, children }: PageLinkProps) {
  const onClick = (event: MouseEvent) => {
    // The browser opens new tabs and windows itself.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(path);
  };

  return (
    <a
      className={className}
      href={path}
      aria-current={isCurrent ? "page" : undefined}
      onClick={onClick}
    >
      {children}
    </a>
  );
}

/** A link to a room. */
export function RoomLink({ room, isCurrent = false }: { room: string; isCurrent?: boolean }) {
  return (
    <PageLink className="room-link" path={roomPagePath(room)} isCurrent={isCurrent}>
      <bdi>{room}</bdi>
    </PageLink>
  );
}
