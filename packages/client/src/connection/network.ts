import type { Stop } from "./emitter";

/** Callbacks for changes of the network and of the page. */
export interface NetworkHandlers {
  /** The network is gone (`offline`), or the browser freezes the page. */
  onAway: () => void;
  /**
   * The network is back (`online`), or the page is: visible again, resumed after a freeze, or
   * restored from the back/forward cache.
   */
  onBack: () => void;
}

/** Events of the global object, which is a window or a worker's scope. */
const GLOBAL_EVENTS = ["online", "offline", "pageshow"];

const DOCUMENT_EVENTS = ["visibilitychange", "freeze", "resume"];

/**
 * Listens to changes of the network and the page, in a window or a worker. It does nothing where
 * these events do not exist, as in Node and React Native.
 */
export function onNetwork({ onAway, onBack }: NetworkHandlers): Stop {
  const listener = (event: Event) => {
    const { type, persisted } = event as Event & { persisted?: boolean };
    if (type === "offline" || type === "freeze") onAway();
    // The first `pageshow` of a page is not from the back/forward cache.
    else if (persisted === false) return;
    else if (type !== "visibilitychange" || document.visibilityState === "visible") onBack();
  };
  // Read at each call, because a server that renders may define it after the import.
  const { document } = globalThis;
  const each = (method: "addEventListener" | "removeEventListener") => {
    for (const type of GLOBAL_EVENTS) globalThis[method]?.(type, listener);
    for (const type of DOCUMENT_EVENTS) document?.[method]?.(type, listener);
  };
  each("addEventListener");
  return () => each("removeEventListener");
}
