import type { Edit, Ending } from "../worker/shared-edits.ts";
import type { Board, BoardVariant, Who } from "../worker/shared-report.ts";
import type { BrowserTab } from "./browser.ts";
import type { PageAction } from "./paged-tab.ts";
import type { Tabs } from "./tabs.ts";

/** A tab of a room with shared state, before its page is loaded. */
export interface BoardTabSpec extends BrowserTab {
  readonly variant: BoardVariant;
  readonly who: Who;
}

/** What a user does in a tab, or the app in its page. Each does nothing where it cannot be done. */
export type BoardAction =
  | PageAction
  /** Asks the room for a change. */
  | {
      readonly kind: "change";
      readonly by: "event" | "call" | "once";
      readonly edits: readonly Edit[];
      readonly ending: Ending;
      readonly isSplit: boolean;
    }
  /** Counts so many times, shown at once as one more than before. */
  | { readonly kind: "count"; readonly times: number }
  /** Votes, shown at once. */
  | { readonly kind: "guess"; readonly key: string; readonly ending: Ending }
  | { readonly kind: "become"; readonly who: Who }
  /** The storage of the room is about to be lost, or has been, and all have seen that. */
  | { readonly kind: "loss"; readonly isOver: boolean };

/** What a tab shows, and what its page has done. */
export interface BoardTabRecord {
  readonly name: string;
  readonly who: Who;
  /** Undefined while no page is loaded. */
  readonly page?: {
    readonly id: string;
    readonly state: "connecting" | "open" | "waiting" | "closed";
    /** The code of the error that it waits or has closed with. */
    readonly error?: string;
    readonly status: "loading" | "live" | "stale";
    readonly version?: number;
    /** Its long texts are shortened. */
    readonly value?: Board;
    /** How many calls are not answered yet. */
    readonly unanswered: number;
    /** What the last messages were, oldest first. */
    readonly trail: readonly string[];
  };
  /** The ids of the changes that the room has answered, and must not lose. */
  readonly owed: readonly string[];
  readonly counts: BoardCounts;
  /** What its pages were told or shown that must never be. */
  readonly mistakes: readonly string[];
}

/** How often things have happened to a tab. */
export interface BoardCounts {
  /** How often its pages were open. */
  opens: number;
  /** How often a page was closed for an attempt of the page before it. */
  superseded: number;
  /** Calls that were answered. */
  answered: number;
  /** Calls that were refused for what they asked for. */
  refused: number;
  /** Snapshots and changes. */
  frames: number;
  /** Bytes of all messages that its sockets received, in characters. */
  received: number;
  /** Values that listeners were told of. */
  shown: number;
  /** Optimistic changes. */
  guesses: number;
  /** How often a count was shown too high, after a reconnect, until the repeat was answered. */
  overshoots: number;
}

/** Tabs of rooms with shared state. */
export type BoardTabs = Tabs<BoardTabSpec, BoardAction, BoardTabRecord>;
