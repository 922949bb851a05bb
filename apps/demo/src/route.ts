import { normalizeRoomName } from "@partyflare/shared";
import { useSyncExternalStore } from "react";

/** The room of visitors who asked for no room in particular. */
export const DEFAULT_ROOM = "lobby";

/** The rule of `readRoomName`, for people. */
export const ROOM_NAME_RULE =
  "A room’s name has 1 to 512 bytes and no control characters; between slashes, no part of it is " +
  "empty, “.” or “..”.";

/** The pages that each room has, as their paths begin. */
export type RoomPageKind = "room" | "cursors" | "poll" | "game";

/** The page that a path stands for. */
export type Route =
  | { readonly page: "home" }
  | { readonly page: RoomPageKind; readonly room: string }
  | { readonly page: "illegal-room" }
  | { readonly page: "unknown" };

/** Returns the route of a path that is still encoded, as `location.pathname` is. */
export function readRoute(pathname: string): Route {
  if (pathname === "/") return { page: "home" };
  // The name includes slashes, because the page's server may write `%2F` as a slash.
  const [, page, encoded] = /^\/(room|cursors|poll|game)\/(.+?)\/?$/.exec(pathname) ?? [];
  if (encoded === undefined) return { page: "unknown" };
  const room = readRoomName(encoded, decodeURIComponent);
  if (room === null) return { page: "illegal-room" };
  return { page: page as RoomPageKind, room };
}

/** Returns the path of one of a room's pages. `readRoute` returns the same page for it. */
export function pagePath(page: RoomPageKind, room: string): string {
  return `/${page}/${room.split("/").map(encodeURIComponent).join("/")}`;
}

/** Returns the path of a room's chat. */
export function roomPagePath(room: string): string {
  return pagePath("room", room);
}

/**
 * Returns the canonical form of a room's name. It is null if the name is illegal or badly escaped,
 * or if a page's path cannot hold it. Between their slashes, paths lose empty parts, `.` and `..`.
 */
export function readRoomName(
  text: string,
  decode: (text: string) => string = (plain) => plain,
): string | null {
  try {
    const room = normalizeRoomName(decode(text));
    return room.split("/").some((part) => /^\.{0,2}$/.test(part)) ? null : room;
  } catch {
    return null;
  }
}

const NAVIGATED = "partyflare:navigated";

/** Goes to a path of this page without reloading it. */
export function navigate(path: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  moved ||= !replace;
  dispatchEvent(new Event(NAVIGATED));
}

let moved = false;
addEventListener("popstate", () => {
  moved = true;
});

/** Whether the reader has changed pages since the document was loaded. */
export function hasMoved(): boolean {
  return moved;
}

/** Returns the current path, and renders again when it changes. */
export function usePathname(): string {
  return useSyncExternalStore(subscribeToPath, () => location.pathname);
}

function subscribeToPath(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(NAVIGATED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(NAVIGATED, changed);
  };
}
