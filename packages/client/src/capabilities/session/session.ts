import { PartyError } from "@partyflare/shared";
import { isPosition } from "@partyflare/shared/internal";
import { type Identity, identityOf } from "../../connection/identity";
import type {
  PageMemory,
  ResumableClient,
  Resume,
  SavedCall,
  SavedState,
} from "../../connection/options";
import { attempt } from "./attempt";

/**
 * Resumes the same client after a reload. The tab's `sessionStorage` keeps the client's id, its
 * key, and its position in the room's durable events. It also keeps up to 256 KiB of unanswered
 * calls that happen once. A duplicated tab becomes a new client.
 *
 * If nothing can be stored, it does nothing: in a sandboxed frame, outside a page, and without Web
 * Locks. A page that was loaded over plain HTTP has no Web Locks, unless this machine serves it.
 *
 * Another user of the same tab is a new client. A `token` that is a string identifies the user.
 *
 * @param user identifies the user if `token` is a function or changes from page to page. Pass an
 *   id, not a secret.
 *
 * @example
 * const room = connect<typeof chat>({ party: "chat", room: "lobby", resume: session() });
 */
export function session(user?: string): Resume {
  return (client) => attempt(() => new Session({ ...client, user: user ?? client.user }));
}

/**
 * The timeout for another page of this client to release its lock, in ms. It is the page before the
 * reload.
 */
const CLAIM_WITHIN_MS = 500;

/** How soon changes are stored, in ms. They are stored at once when the page is left. */
const WRITE_WITHIN_MS = 200;

/** The most space for calls, in UTF-16 units of JSON. Browsers give a tab's whole origin 5 Mi. */
const MAX_CALLS_LENGTH = 262_144;

/** How many names of an address are searched for a session, besides those that are open. */
const NAMES_TRIED = 8;

/** The names of the sessions that this page has open. */
const open = new Set<string>();

/** The stored value. */
interface Stored extends Identity, SavedState {
  /** A digest of the user. */
  readonly user?: string | undefined;
}

/**
 * A client that survives a reload. A Web Lock claims its id. A tab that does not get the lock gets
 * a new id.
 */
class Session implements PageMemory {
  readonly identity: Partial<Identity>;
  readonly resumed: PageMemory["resumed"];
  /** Whether this page resumes a client of the previous page. */
  readonly #isResumed: boolean;
  /** The room's address. */
  readonly #address: string;
  readonly #client: ResumableClient;
  readonly #user: string | undefined;
  readonly #storage = sessionStorage;
  readonly #locks: LockManager;
  /** The session's name; undefined after its release. */
  #name: string | undefined;
  #claiming: Promise<Identity> | undefined;
  /** The claimed id and key; undefined while nothing is claimed. */
  #claimed: Identity | undefined;
  #wasClaimed = false;
  /** Whether the page is being left. Changes are then stored at once. */
  #isLeaving = false;
  /** Counts the claims. A claim that was released meanwhile has no effect. */
  #claims = 0;
  #free = () => {};
  #writing: ReturnType<typeof setTimeout> | undefined;

  /** Throws if nothing can be stored. */
  constructor(client: ResumableClient) {
    const { locks }: { locks?: LockManager } = navigator;
    if (!locks || typeof addEventListener !== "function") throw new TypeError("No page.");
    this.#locks = locks;
    this.#client = client;
    const { host, prefix, party, room, token } = client.options;
    this.#address = JSON.stringify([host, prefix, party, room]);
    const user = client.user ?? (typeof token === "string" ? token : undefined);
    this.#user = user === undefined ? undefined : digestOf(user);
    this.#name = this.#takeName();
    const left = this.#leftAt(this.#name);
    const { id, key } = left ?? client.options;
    this.identity = { id, key };
    this.#isResumed = left !== undefined;
    client.progress.earlier = left?.position;
    this.resumed = (left?.calls ?? []).map((call) => this.#goOn(call));
  }

  claim(identity: Identity): Promise<Identity> {
    return (this.#claiming ??= this.#claim(identity));
  }

  async #claim(identity: Identity): Promise<Identity> {
    const claim = ++this.#claims;
    // Another room may have taken the name of a room that was closed.
    const name = (this.#name ??= this.#takeName());
    if (await this.#lock(identity.id)) return this.#keep(identity, claim);
    if (claim !== this.#claims) return identity;
    this.#startAnew();
    // A duplicated tab has a copy, which belongs to the other tab.
    attempt(() => this.#storage.removeItem(name));
    const { id, key } = this.#client.options;
    // The id stays if the app set it, or if it was never claimed. Such a client is not stored.
    if (id !== undefined || !(this.#isResumed || this.#wasClaimed)) return identity;
    const another = identityOf({ key });
    return (await this.#lock(another.id)) ? this.#keep(another, claim) : another;
  }

  changed(): void {
    if (this.#isLeaving) this.#write();
    else if (this.#claimed) this.#writing ??= setTimeout(this.#write, WRITE_WITHIN_MS);
  }

  write(): void {
    this.#isLeaving = false;
    this.#write();
  }

  release(): void {
    this.write();
    this.#claims += 1;
    this.#claiming = undefined;
    this.#claimed = undefined;
    removeEventListener("pagehide", this.#leave);
    if (this.#name !== undefined) open.delete(this.#name);
    this.#name = undefined;
    this.#free();
  }

  /** Resumes a call of the previous page. It precedes all other calls. */
  #goOn({ name, input, ...known }: SavedCall) {
    const by = { ...known, isResumed: true } as const;
    const answer = this.#client.calls.start(name, input, { timeoutMs: Infinity }, by);
    // The app may not handle the rejection.
    answer.catch(() => {});
    return { call: name, input, answer };
  }

  /** Gives up the resumed state: it belongs to another page. */
  #startAnew(): void {
    const { calls, progress } = this.#client;
    progress.earlier = undefined;
    for (const call of calls.unanswered) {
      if (call.isResumed) call.fail(new PartyError("aborted"));
    }
  }

  /** Returns the calls to store: the kept ones, and those that may turn out to be kept. */
  #saved(): SavedCall[] {
    const { calls } = this.#client;
    return Array.from(calls.unanswered).flatMap((call) => {
      const { name, input, page, number, since } = call;
      // Before the first `$hello`, any of the app's calls may be one that happens once.
      if (!call.isKept && (calls.isGreeted || name.startsWith("$"))) return [];
      return [{ name, input, page, number, since }];
    });
  }

  #keep(identity: Identity, claim: number): Identity {
    if (claim !== this.#claims) return identity;
    this.#claimed = identity;
    this.#wasClaimed = true;
    addEventListener("pagehide", this.#leave);
    this.#write();
    return identity;
  }

  /**
   * Returns a name for this session. Two rooms at one address in one page are two clients, each
   * with its own name. It is the name of the client that the previous page saved, or else a free
   * one.
   */
  #takeName(): string {
    const length = open.size + NAMES_TRIED;
    const names = Array.from({ length }, (_, index) => `partyflare ${this.#address} ${index}`);
    const free = names.filter((name) => !open.has(name));
    const name = free.find((candidate) => this.#leftAt(candidate)) ?? String(free[0]);
    open.add(name);
    return name;
  }

  /** Returns the state that the previous page saved under a name, if it is this client's. */
  #leftAt(name: string): Stored | undefined {
    const stored = readStored(attempt(() => this.#storage.getItem(name)));
    const { id = stored?.id, key = stored?.key } = this.#client.options;
    const isOwn = stored?.user === this.#user && stored?.id === id && stored?.key === key;
    return isOwn ? stored : undefined;
  }

  /** Resolves to whether this page alone holds an id in the room, until its release. */
  #lock(id: string): Promise<boolean> {
    const giveUp = new AbortController();
    return new Promise((resolve) => {
      const onTimeout = () => {
        giveUp.abort();
        resolve(false);
      };
      // Two timers in a row: while a page loads and is busy, a single timer could fire before the
      // lock is granted.
      let timer = setTimeout(() => {
        timer = setTimeout(onTimeout, CLAIM_WITHIN_MS / 2);
      }, CLAIM_WITHIN_MS / 2);
      const released = new Promise<void>((free) => {
        this.#free = () => {
          giveUp.abort();
          free();
        };
      });
      const hold = () => {
        resolve(true);
        return released;
      };
      const name = `partyflare ${this.#address} ${id}`;
      const request = async () => this.#locks.request(name, { signal: giveUp.signal }, hold);
      request()
        .catch(() => resolve(false))
        .finally(() => clearTimeout(timer));
    });
  }

  readonly #leave = (): void => {
    this.#isLeaving = true;
    this.#write();
  };

  readonly #write = (): void => {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const name = this.#name;
    if (!this.#claimed || name === undefined) return;
    let left = MAX_CALLS_LENGTH;
    const stored: Stored = {
      ...this.#claimed,
      user: this.#user,
      position: this.#client.progress.position,
      calls: this.#saved().filter((call) => (left -= JSON.stringify(call).length) >= 0),
    };
    if (attempt(() => (this.#storage.setItem(name, JSON.stringify(stored)), true))) return;
    // Storage is full, or now forbidden. Outdated state must not stay there.
    attempt(() => this.#storage.removeItem(name));
  };
}

/** Parses stored state; undefined if it is not valid. */
function readStored(text: string | null | undefined): Stored | undefined {
  return attempt(() => {
    const { id, key, user, position, calls } = JSON.parse(text ?? "null") as Partial<Stored>;
    if (!id || !key) return undefined;
    return {
      ...identityOf({ id, key }),
      user,
      // A room refuses a URL that is too long.
      position: position !== undefined && isPosition(position) ? position : undefined,
      calls: Array.isArray(calls) ? calls.filter(isCall) : [],
    };
  });
}

/** FNV-1a: enough to tell two users of a tab apart, but too short to reveal a token. */
function digestOf(text: string): string {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 0).toString(36);
}

/** Whether a stored call is one that a room can read. */
function isCall(call: Partial<SavedCall> | null): call is SavedCall {
  if (typeof call?.name !== "string") return false;
  const { page, number, since } = call;
  if (page === undefined) return number === undefined && since === undefined;
  return (
    /^[\w-]{1,32}$/.test(page) &&
    Number.isSafeInteger(number) &&
    Number(number) >= 1 &&
    (since === undefined || (typeof since === "string" && since.length <= 64))
  );
}
