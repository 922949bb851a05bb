import { pagePath, type RoomPageKind } from "../route";
import { PageLink } from "./room-link";

const PAGES: readonly (readonly [page: RoomPageKind, title: string])[] = [
  ["room", "Chat"],
  ["cursors", "Cursors"],
  ["poll", "Poll"],
  ["game", "Game"],
];

interface RoomNavProps {
  room: string;
  /** The page that is shown. */
  page: RoomPageKind;
}

/** Links to the pages of a room. */
export function RoomNav({ room, page }: RoomNavProps) {
  return (
    <nav className="room-nav" aria-label="Pages of this room">
      {PAGES.map(([other, title]) => (
        <PageLink key={other} path={pagePath(other, room)} isCurrent={other === page}>
          {title}
        </PageLink>
      ))}
    </nav>
  );
}
