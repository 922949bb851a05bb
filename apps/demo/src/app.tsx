import { useEffect } from "react";
import { CanvasPage } from "./components/canvas-page";
import { GamePage } from "./components/game-page";
import { NoticePage } from "./components/notice-page";
import { PollPage } from "./components/poll-page";
import { RoomPage } from "./components/room-page";
import {
  DEFAULT_ROOM,
  navigate,
  readRoute,
  ROOM_NAME_RULE,
  roomPagePath,
  usePathname,
} from "./route";

/** Shows the page for the path. */
export function App() {
  const route = readRoute(usePathname());
  const isHome = route.page === "home";

  useEffect(() => {
    if (isHome) navigate(roomPagePath(DEFAULT_ROOM), { replace: true });
  }, [isHome]);

  switch (route.page) {
    case "home":
      return null;
    case "room":
      // The key resets all state when the room changes.
      return <RoomPage key={route.room} roomName={route.room} />;
    case "cursors":
      return <CanvasPage key={route.room} roomName={route.room} />;
    case "poll":
      return <PollPage key={route.room} roomName={route.room} />;
    case "game":
      return <GamePage key={route.room} roomName={route.room} />;
    case "illegal-room":
      return <NoticePage title="No room can have this name">{ROOM_NAME_RULE}</NoticePage>;
    case "unknown":
      return <NoticePage title="There is nothing here">Rooms live at /room/their-name.</NoticePage>;
    default:
      return route satisfies never;
  }
}
