import {
  connect,
  type ConnectOptions,
  type Room,
  type RoomStatus,
  session,
} from "@partyflare/client";
import type { Contract } from "@partyflare/shared";
import { PING } from "@partyflare/shared/internal";
import { QUICK } from "./posting.ts";

/** The `sessionStorage` of a tab. */
export type Browser = Map<string, string>;

/** How often a client pings, in ms. The library's own 25 s are too long to wait for. */
const PING_EVERY_MS = 300;

/** A WebSocket that pings often, so that rooms may find its connection dead soon. */
export class PingingSocket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols);
    let timer: ReturnType<typeof setInterval> | undefined;
    this.addEventListener("open", () => {
      const ping = () => this.readyState === WebSocket.OPEN && this.send(PING);
      ping();
      timer = setInterval(ping, PING_EVERY_MS);
    });
    for (const end of ["close", "error"]) this.addEventListener(end, () => clearInterval(timer));
  }
}

/** A tab of a browser, before its page is loaded. */
export interface BrowserTab {
  /** The run's name for it. It is also its connections' id, unless it resumes its session. */
  readonly name: string;
  readonly host: string;
  readonly party: string;
  readonly room: string;
  /** Whose tab it is: see `key` of `connect`. */
  readonly key: string;
  /** Whether a reload resumes the session. Otherwise each page has the same id. */
  readonly resumes: boolean;
}

/** Connects the page of a tab. It comes back as fast as faults are made. */
export function connectTab<C extends Contract>(
  browser: Browser,
  { name, host, party, room, key, resumes }: BrowserTab,
  options: Pick<ConnectOptions, "WebSocket" | "query">,
): Room<C> {
  return inBrowser(browser, () =>
    connect<C>({
      host,
      party,
      room,
      key,
      ...(resumes ? { resume: session() } : { id: name }),
      ...QUICK,
      ...options,
    }),
  );
}

/** After this, a page connects again that another one has superseded, in ms. */
const RELOADED_AFTER_MS = 50;

/**
 * Lets a page come back after a late attempt of the page before it. To the room, that is another tab
 * of the same id, and it tells this one so for good. A user would reload.
 *
 * @param isGone whether its user has left it.
 * @param onSuperseded called each time before.
 */
export function comesBack<C extends Contract>(
  room: Room<C>,
  isGone: () => boolean,
  onSuperseded = () => {},
): void {
  room.onStatus((status) => {
    if (status.state !== "closed" || status.error?.code !== "superseded" || isGone()) return;
    onSuperseded();
    setTimeout(() => isGone() || room.reconnect(), RELOADED_AFTER_MS);
  });
}

/** The state of a page's connection, and why it is not open. */
export function connectionOf<C extends Contract>({
  status,
}: Room<C>): { state: RoomStatus["state"]; error?: string } {
  const { state } = status;
  return "error" in status && status.error ? { state, error: status.error.code } : { state };
}

/** Runs a function in which the globals that `session()` takes are those of a tab. */
function inBrowser<Result>(browser: Browser, run: () => Result): Result {
  const globals = globalThis as unknown as Record<string, unknown>;
  Object.defineProperty(globals, "sessionStorage", {
    configurable: true,
    value: storageOf(browser),
  });
  // The library listens for `pagehide`, which no page of a run gets.
  globals["addEventListener"] ??= () => {};
  globals["removeEventListener"] ??= () => {};
  try {
    return run();
  } finally {
    Reflect.deleteProperty(globals, "sessionStorage");
  }
}

function storageOf(browser: Browser): Pick<Storage, "getItem" | "removeItem" | "setItem"> {
  return {
    getItem: (name) => browser.get(name) ?? null,
    removeItem: (name) => void browser.delete(name),
    setItem: (name, value) => void browser.set(name, value),
  };
}
