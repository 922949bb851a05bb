import type { Stop } from "./emitter";

/**
 * Calls a function whenever the network is back, and whenever the page is seen again: when a
 * connection may have died unnoticed, and when somebody waits for the next one. Where there is no
 * page, as in Node and Workers, it does nothing.
 */
export function onPageReturn(listener: () => void): Stop {
  // Looked up here, and not on import: a server that renders may come to have them later.
  const { window, document }: Partial<Pick<typeof globalThis, "window" | "document">> = globalThis;
  const onVisibility = () => {
    if (document?.visibilityState === "visible") listener();
  };
  // React Native has a window without events, and no document.
  window?.addEventListener?.("online", listener);
  document?.addEventListener?.("visibilitychange", onVisibility);
  return () => {
    window?.removeEventListener?.("online", listener);
    document?.removeEventListener?.("visibilitychange", onVisibility);
  };
}
