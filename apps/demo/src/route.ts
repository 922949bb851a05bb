import { normalizeRoomName } from "@partyflare/shared";
import { useSyncExternalStore } from "react";

/** Where people end up who asked for no room in particular. */
export const DEFAULT_ROOM = "lobby";

/** What `readRoomName` wants, for people. */
export const ROOM_NAME_RULE =
  "A room’s name has 1 to 512 bytes and no control characters; between slashes, no part of it is " +
  "empty, “.” or “..”.";

/** What the page's path asks for. */
export type Route =
  | { readonly page: "home" }
  | { readonly page: "room"; readonly room: string }
  | { readonly page: "illegal-room" }
  | { readonly page: "unknown" };

/** The route of a path, as `location.pathname` has it: still encoded. */
export function readRoute(pathname: string): Route {
  if (pathname === "/") return { page: "home" };
  // All of the rest, slashes and all: whoever serves the page may write `%2F` as a slash.
  const [, encoded] = /^\/room\/(.+?)\/?$/.exec(pathname) ?? [];
  if (encoded === undefined) return { page: "unknown" };
  const room = readRoomName(encoded, decodeURIComponent);
  return room === null ? { page: "illegal-room" } : { page: "room", room };
}

/** The path of a room's page: `readRoute` gives the same room back. */
export function roomPagePath(room: string): string {
  return `/room/${room.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * The one spelling of a room's name; null where it is illegal or badly escaped, or where a page's
 * path cannot hold it: paths lose empty parts, `.` and `..` between their slashes.
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

/** Goes to a path of this page without loading it anew. */
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

/** Whether the reader has gone from one page to another since the document was loaded. */
export function hasMoved(): boolean {
  return moved;
}

/** The path that the page is at, and will be at. */
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
