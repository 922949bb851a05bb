import type { RoomStatus } from "@partyflare/client";
import { type ReactNode, useEffect, useRef } from "react";
import type { Chat } from "../chat/use-chat";
import { hasMoved, type RoomPageKind } from "../route";
import { ConnectionStatus } from "./connection-status";
import { RoomNav } from "./room-nav";

interface RoomHeaderProps {
  chat: Chat;
  /** The panel that its button opens; null where the panel stands beside the messages. */
  panel: { id: string; isOpen: boolean; open: () => void } | null;
}

/** The header of the chat: the room's name, the connection's status, and its other pages. */
export function RoomHeader({ chat: { room, status, people, asOfMs }, panel }: RoomHeaderProps) {
  return (
    <RoomTitle name={room.name} page="room" status={status}>
      {panel && (
        <button
          type="button"
          className="button"
          data-stale={asOfMs !== null || undefined}
          aria-haspopup="dialog"
          aria-expanded={panel.isOpen}
          aria-controls={panel.id}
          onClick={panel.open}
        >
          <PeopleIcon />
          <span className="visually-hidden">People and rooms, </span>
          {people.length} here
        </button>
      )}
    </RoomTitle>
  );
}

interface RoomTitleProps {
  name: string;
  page: RoomPageKind;
  status: RoomStatus;
  /** What stands beside the name. */
  children?: ReactNode;
}

/** A room's name, the connection's status, and links to the room's pages. */
export function RoomTitle({ name, page, status, children }: RoomTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);

  // The focused element disappeared with the last room. On the first page, the browser's choice
  // stays.
  useEffect(() => {
    if (hasMoved()) heading.current?.focus();
  }, []);

  return (
    <div className="room-header">
      <div className="room-title">
        <h1 ref={heading} title={name} tabIndex={-1}>
          <span className="visually-hidden">Room </span>
          <bdi>{name}</bdi>
        </h1>
        <ConnectionStatus status={status} />
      </div>
      <RoomNav room={name} page={page} />
      {children}
    </div>
  );
}

function PeopleIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" fill="none" aria-hidden="true">
      <g stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
        <circle cx="7.5" cy="7" r="3" />
        <path d="M2 16.5c0-3 2.3-5 5.5-5s5.5 2 5.5 5M13 4.3a3 3 0 0 1 0 5.4M15 12c1.9.7 3 2.3 3 4.5" />
      </g>
    </svg>
  );
}
