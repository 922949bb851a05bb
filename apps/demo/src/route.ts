import { normalizeRoomName } from "@partyflare/shared";
import { useSyncExternalStore } from "react";

/** The room of visitors who asked for no room in particular. */
export const DEFAULT_ROOM = "lobby";

/** The rule of `readRoomName`, for people. */
export const ROOM_NAME_RULE =
  "A room’s name has 1 to 512 bytes and no control characters; between slashes, no part of it is " +
  "empty, “.” or “..”.";

/** The page that a path stands for. */
export type Route =
  | { readonly page: "home" }
  | { readonly page: "room"; readonly room: string }
  | { readonly page: "canvas"; readonly room: string }
  | { readonly page: "illegal-room" }
  | { readonly page: "unknown" };

/** Returns the route of a path that is still encoded, as `location.pathname` is. */
export function readRoute(pathname: string): Route {
  if (pathname === "/") return { page: "home" };
  // The name includes slashes, because the page's server may write `%2F` as a slash.
  const [, kind, encoded] = /^\/(room|cursors)\/(.+?)\/?$/.exec(pathname) ?? [];
  if (encoded === undefined) return { page: "unknown" };
  const room = readRoomName(encoded, decodeURIComponent);
  if (room === null) return { page: "illegal-room" };
  return { page: kind === "room" ? "room" : "canvas", room };
}

/** Returns the path of a room's page. `readRoute` returns the same room for it. */
export function roomPagePath(room: string): string {
  return `/room/${room.split("/").map(encodeURIComponent).join("/")}`;
}

/** Returns the path of a room's canvas. */
export function canvasPagePath(room: string): string {
  return roomPagePath(room).replace("/room/", "/cursors/");
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
