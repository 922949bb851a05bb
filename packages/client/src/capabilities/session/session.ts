import { PartyError } from "@partyflare/shared";
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
 * Makes the page after a reload the same client: the tab's `sessionStorage` keeps its id, its key,
 * how far it has come among the room's durable events, and the calls that happen once and have no
 * answer yet, 256 KiB of them. A tab that is duplicated is a client of its own. Where nothing can be
 * kept, it does nothing: without Web Locks (a page that came by plain HTTP, but from this machine),
 * in a sandboxed frame, outside of a page.
 *
 * Another user of the same tab begins anew: another `token`, by value.
 *
 * @param user names the user, where `token` is a function or changes from page to page: an id, no
 *   secret.
 *
 * @example
 * const room = connect<typeof chat>({ party: "chat", room: "lobby", resume: session() });
 */
export function session(user?: string): Resume {
  return (client) => attempt(() => new Session({ ...client, user: user ?? client.user }));
}

/** How long another page of this client may take to be gone, in ms: the one that was reloaded. */
const CLAIM_WITHIN_MS = 500;

/** How soon it is written what there is to keep, in ms; at once when the page goes. */
const WRITE_WITHIN_MS = 200;

/** What the calls may take, in UTF-16 units of JSON. Browsers give a tab's whole origin 5 Mi. */
const MAX_CALLS_LENGTH = 256 * 1_024;

/** Among how many names of an address a session is looked for, beside those that are open. */
const NAMES_TRIED = 8;

/** The names of the sessions that this page has open. */
const open = new Set<string>();

/** What is stored. */
interface Stored extends Identity, SavedState {
  /** A digest of the user. */
  readonly user?: string | undefined;
}

/** A client that outlives its page. Its id is claimed by a Web Lock: a tab without it is another client. */
class Session implements PageMemory {
  readonly identity: Partial<Identity>;
  readonly resumed: PageMemory["resumed"];
  /** Whether the page before has left this client. */
  readonly #isResumed: boolean;
  /** Where the room is. */
  readonly #address: string;
  readonly #client: ResumableClient;
  readonly #user: string | undefined;
  readonly #storage = sessionStorage;
  readonly #locks: LockManager;
  /** Undefined once it is released. */
  #name: string | undefined;
  #claiming: Promise<Identity> | undefined;
  /** Who this page is, as long as it is claimed. */
  #claimed: Identity | undefined;
  #wasClaimed = false;
  /** Whether the page is being left: what changes now is written at once. */
  #isLeaving = false;
  /** Counts the claims: one that was released meanwhile comes to nothing. */
  #claims = 0;
  #free = () => {};
  #writing: ReturnType<typeof setTimeout> | undefined;

  /** Throws where nothing can be kept. */
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
    // Of a room that was closed, another may have taken the name.
    const name = (this.#name ??= this.#takeName());
    if (await this.#lock(identity.id)) return this.#keep(identity, claim);
    if (claim !== this.#claims) return identity;
    this.#startAnew();
    // What a duplicated tab has copied is the other tab's.
    attempt(() => this.#storage.removeItem(name));
    const { id, key } = this.#client.options;
    // The app's own id stays, and so does one that was never claimed. It leaves nothing.
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

  /** Goes on waiting for the answer to a call of the page before. Before all other calls. */
  #goOn({ name, input, ...known }: SavedCall) {
    const by = { ...known, isResumed: true } as const;
    const answer = this.#client.calls.start(name, input, { timeoutMs: Infinity }, by);
    // The app may not listen.
    answer.catch(() => {});
    return { call: name, input, answer };
  }

  /** Gives up what was taken over: it is another page's. */
  #startAnew(): void {
    const { calls, progress } = this.#client;
    progress.earlier = undefined;
    for (const call of calls.unanswered) {
      if (call.isResumed) call.fail(new PartyError("aborted"));
    }
  }

  /** What the next page goes on with: what is kept, and what may turn out to be. */
  #saved(): SavedCall[] {
    const { calls } = this.#client;
    return Array.from(calls.unanswered).flatMap((call) => {
      const { name, input, page, number, since } = call;
      // Before the first hello any call of the app's may be one.
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
   * Two rooms of one address in one page are two clients, each with a name of its own: the one of what
   * the page before has left of this client, or else a free one.
   */
  #takeName(): string {
    const length = open.size + NAMES_TRIED;
    const names = Array.from({ length }, (_, index) => `partyflare ${this.#address} ${index}`);
    const free = names.filter((name) => !open.has(name));
    const name = free.find((candidate) => this.#leftAt(candidate)) ?? String(free[0]);
    open.add(name);
    return name;
  }

  /** What the page before has left there of this client. */
  #leftAt(name: string): Stored | undefined {
    const stored = readStored(attempt(() => this.#storage.getItem(name)));
    const { id = stored?.id, key = stored?.key } = this.#client.options;
    const isOwn = stored?.user === this.#user && stored?.id === id && stored?.key === key;
    return isOwn ? stored : undefined;
  }

  /** Whether this page alone has an id in the room, until it is released. */
  #lock(id: string): Promise<boolean> {
    const giveUp = new AbortController();
    return new Promise((resolve) => {
      const onTimeout = () => {
        giveUp.abort();
        resolve(false);
      };
      // In two steps: a page that is busy while it loads gets its timer before the lock that it was given.
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
    // Full, or forbidden by now. What is not true any more must not stay.
    attempt(() => this.#storage.removeItem(name));
  };
}

/** What the page before has left; undefined for nonsense. */
function readStored(text: string | null | undefined): Stored | undefined {
  return attempt(() => {
    const { id, key, user, position, calls } = JSON.parse(text ?? "null") as Partial<Stored>;
    if (!id || !key) return undefined;
    return {
      ...identityOf({ id, key }),
      user,
      position: typeof position === "string" ? position : undefined,
      calls: Array.isArray(calls) ? calls.filter(isCall) : [],
    };
  });
}

/** FNV-1a: enough to tell two users of a tab apart, and too little to tell a token from. */
function digestOf(text: string): string {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 0).toString(36);
}

/** Whether it is a call as a room can read it. */
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
