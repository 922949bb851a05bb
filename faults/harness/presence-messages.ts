import type { Person, Shared, Team } from "../worker/presence-contract.ts";
import type { MemberReport } from "../worker/presence-report.ts";
import type { BrowserTab } from "./browser.ts";
import type { PageAction } from "./paged-tab.ts";

/** A tab of a browser, before its page is loaded. */
export interface PresenceTabSpec extends BrowserTab {
  readonly person: Person;
  readonly tags: readonly Team[];
}

/** What a user does in a tab, or the app in its page. Each does nothing where it cannot be done. */
export type TabAction =
  | PageAction
  /** Sets data that is valid, once it is complete. */
  | { readonly kind: "set"; readonly fields: readonly (keyof Shared)[] }
  /** Sets data so often, in one task. */
  | { readonly kind: "burst"; readonly times: number }
  | { readonly kind: "nonsense"; readonly isLarge: boolean }
  | { readonly kind: "become"; readonly person: Person; readonly tags: readonly Team[] }
  | { readonly kind: "retag"; readonly tags: readonly Team[] }
  /** Makes a call that changes nothing, and waits for the answer. */
  | { readonly kind: "poke" };

/** What a tab shows, and what its page has done. */
export interface PresenceTabRecord {
  readonly name: string;
  /** The key of its client: see `PresenceTabSpec`. */
  readonly key: string;
  readonly person: Person;
  readonly tags: readonly Team[];
  /** Undefined while no page is loaded. */
  readonly page?: {
    readonly id: string;
    readonly state: "connecting" | "open" | "waiting" | "closed";
    /** The code of the error that it waits or has closed with. */
    readonly error?: string;
    readonly me?: MemberReport;
    readonly members: readonly MemberReport[];
    readonly size: number;
    readonly isPartial: boolean;
    /** The keys of the first list. */
    readonly first?: readonly string[];
    /** What the page has set; undefined where the room may have refused some of it. */
    readonly own?: { readonly fields: Partial<Shared> };
  };
  /** How often its pages were open. */
  readonly opens: number;
  /** What its pages were told that must never be. */
  readonly mistakes: readonly string[];
}
