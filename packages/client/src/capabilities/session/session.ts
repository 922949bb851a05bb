import { type Identity, identityOf } from "../../connection/identity";
import type { ConnectOptions } from "../../connection/options";
import { Progress } from "../../room/progress";

/** Who connects, and how far it has come. */
export interface Client {
  readonly progress: Progress;
  /** What the page before this one has left of it. */
  readonly identity: Partial<Identity>;
  /** Makes sure that no other page is the same client, before the first attempt. */
  readonly claim?: (identity: Identity) => Promise<Identity>;
}

/** The client of a room: a new one, or, with `resume`, that of the page before. */
export function clientOf({ resume, id, key, ...address }: ConnectOptions): Client {
  const { host = "", prefix = "", party, room } = address;
  const session =
    resume === "session" ? Session.of(JSON.stringify([host, prefix, party, room])) : undefined;
  if (!session) return { progress: new Progress(), identity: { id, key } };
  const { position, ...stored } = session.stored ?? {};
  const progress = new Progress(position, () => session.changed());
  return {
    progress,
    identity: id === undefined && key === undefined ? stored : { id, key },
    async claim(identity) {
      if (await session.claim(identity.id)) {
        session.keep(identity, progress);
        return identity;
      }
      progress.startAnew();
      const another = identityOf({});
      await session.claim(another.id);
      session.keep(another, progress);
      return another;
    },
  };
}

/** Who a client is, and how far it has come: what survives a reload of its page. */
interface Stored {
  readonly id: string;
  readonly key: string;
  readonly position?: string;
}

/** How long another page of this client may take to be gone, in ms: the one that was reloaded. */
const CLAIM_WITHIN_MS = 500;

/** How often it is written how far a client has come, in ms, and when its page goes. */
const WRITE_EVERY_MS = 1_000;

/** How many sessions of this page have each name: two rooms of one address are two clients. */
const opened = new Map<string, number>();

/**
 * A client that outlives its page, in the tab's `sessionStorage`. A tab that is duplicated copies
 * it, so its id is claimed by a Web Lock: who does not get it is another client.
 */
class Session {
  readonly #name: string;
  #identity: Identity | undefined;
  #progress: Progress | undefined;
  #writing: ReturnType<typeof setTimeout> | undefined;

  private constructor(name: string) {
    this.#name = name;
    globalThis.addEventListener("pagehide", () => this.#write());
  }

  /**
   * The session of an address; undefined where there can be none: outside of a page, and in one
   * without Web Locks, which are for pages with HTTPS and for this machine.
   */
  static of(address: string): Session | undefined {
    if (typeof sessionStorage === "undefined" || !globalThis.navigator?.locks) return undefined;
    const count = (opened.get(address) ?? 0) + 1;
    opened.set(address, count);
    return new Session(`partyflare ${address} ${count}`);
  }

  /** What the page before this one has left. */
  get stored(): Stored | undefined {
    try {
      const stored: unknown = JSON.parse(sessionStorage.getItem(this.#name) ?? "null");
      return isStored(stored) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether an id is this page's alone. It stays so until the page is gone. */
  async claim(id: string): Promise<boolean> {
    const signal = AbortSignal.timeout(CLAIM_WITHIN_MS);
    return new Promise((resolve) => {
      const forEver = new Promise<never>(() => {});
      navigator.locks
        .request(`partyflare ${id}`, { signal }, () => {
          resolve(true);
          return forEver;
        })
        .catch(() => resolve(false));
    });
  }

  /** From now on, the page after this one is this client. */
  keep(identity: Identity, progress: Progress): void {
    this.#identity = identity;
    this.#progress = progress;
    this.#write();
  }

  /** The client has come further. */
  changed(): void {
    this.#writing ??= setTimeout(() => this.#write(), WRITE_EVERY_MS);
  }

  #write(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    if (!this.#identity) return;
    const stored: Stored = { ...this.#identity, position: this.#progress?.position };
    try {
      sessionStorage.setItem(this.#name, JSON.stringify(stored));
    } catch {
      // Full, or forbidden: the next page is a new client.
    }
  }
}

function isStored(value: unknown): value is Stored {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    "key" in value &&
    typeof value.id === "string" &&
    typeof value.key === "string"
  );
}
