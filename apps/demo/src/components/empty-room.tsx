import { roomPagePath } from "../route";
import { CopyLink } from "./copy-link";

interface EmptyRoomProps {
  roomName: string;
  /** Whether the room's first data has not arrived yet. */
  isLoading: boolean;
}

/** The placeholder of an empty room's messages. */
export function EmptyRoom({ roomName, isLoading }: EmptyRoomProps) {
  if (isLoading) return <p className="empty-room">Joining the room…</p>;
  return (
    <div className="empty-room">
      <svg viewBox="0 0 48 48" width="48" height="48" fill="none" aria-hidden="true">
        <path
          d="M8 12a6 6 0 0 1 6-6h20a6 6 0 0 1 6 6v14a6 6 0 0 1-6 6H21l-9 8v-8.4A6 6 0 0 1 8 26V12Z"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinejoin="round"
        />
      </svg>
      <p className="empty-title">Nobody has said anything yet</p>
      <p>Say hello, or send someone this page’s address: it leads to this room.</p>
      <div className="empty-actions">
        <CopyLink path={roomPagePath(roomName)} />
        {/* Without an opener, the tab is a client of its own: it gets no copy of this one’s storage. */}
        <a className="button primary" href={roomPagePath(roomName)} target="_blank" rel="noopener">
          Open a second tab
        </a>
      </div>
    </div>
  );
}
