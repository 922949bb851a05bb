import type { Person, Shared, Team } from "../worker/presence-contract.ts";
import type { MemberReport } from "../worker/presence-report.ts";
import type { CrowdPartyName } from "./workerd.ts";

/** A tab of a browser, before its page is loaded. */
export interface PresenceTabSpec {
  /** The run's name for it. It is also its connections' id, unless it resumes its session. */
  readonly name: string;
  readonly host: string;
  readonly party: CrowdPartyName;
  readonly room: string;
  /** Whose tab it is: see `key` of `connect`. */
  readonly key: string;
  /** Whether a reload resumes the session. Otherwise each page has the same id. */
  readonly resumes: boolean;
  readonly person: Person;
  readonly tags: readonly Team[];
}

/** What a user does in a tab, or the app in its page. Each does nothing where it cannot be done. */
export type TabAction =
  /** Loads the page, which has data of its own from the beginning or not. */
  | { readonly kind: "open"; readonly hasInitial: boolean }
  | { readonly kind: "close" }
  /** The next page connects when the one before it has left; or at once, if it has the same id. */
  | { readonly kind: "reload" }
  /** Sets data that is valid, once it is complete. */
  | { readonly kind: "set"; readonly fields: readonly (keyof Shared)[] }
  /** Sets data so often, in one task. */
  | { readonly kind: "burst"; readonly times: number }
  | { readonly kind: "nonsense"; readonly isLarge: boolean }
  | { readonly kind: "become"; readonly person: Person; readonly tags: readonly Team[] }
  | { readonly kind: "retag"; readonly tags: readonly Team[] };

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

/** What the process of the tabs can be asked to do, and what it answers with. */
export type PresenceCommand =
  | { readonly kind: "add"; readonly specs: readonly PresenceTabSpec[] }
  | { readonly kind: "act"; readonly name: string; readonly action: TabAction }
  /** `PresenceTabRecord`: what the tab shows when the room has answered a call. */
  | { readonly kind: "poke"; readonly name: string }
  /** `PresenceTabRecord[]` */
  | { readonly kind: "records"; readonly names: readonly string[] }
  /** Closes tabs, and forgets them. */
  | { readonly kind: "remove"; readonly names: readonly string[] };
