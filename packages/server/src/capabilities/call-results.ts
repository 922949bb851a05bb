import { FORGET_RESULTS_EVERY_MS, KEEP_RESULTS_MS, MAX_OPERATIONS } from "@partyflare/shared";
import { Settings } from "./settings";

/** What is known of a call that may be a repeat. */
export type Known =
  /** It was never carried out. */
  | { readonly state: "new" }
  /** It was begun; only who began it, in this life of the room, knows whether it was ended. */
  | { readonly state: "begun" }
  | { readonly state: "done"; readonly result: string }
  /** It may have been carried out, and what came of it is not stored any more. */
  | { readonly state: "unknown" };

/**
 * What came of the calls that happen once: the last 64 of each client, by its key, until ten
 * minutes after it has left. A ring a client, so that a result overwrites the one it replaces.
 */
export class CallResults {
  readonly #storage: DurableObjectStorage;
  readonly #now: () => number;
  /** Called when the storage was found empty: it was wiped, or is new. */
  onNewEpoch: () => void = () => {};
  /** Called when results have been forgotten, so that `since` is another. */
  onForgotten: () => void = () => {};
  #settings: Settings | undefined;
  /** The latest operation of each client that has called in this life of the room. */
  readonly #latest = new Map<string, number>();
  #forgotAtMs = 0;
  /** Who was there when results were forgotten last, and none of theirs was. */
  #spared: { readonly since: string; readonly clients: ReadonlySet<string | null> } | undefined;

  constructor(storage: DurableObjectStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Changes when results are forgotten, and when the storage is wiped. */
  get since(): string {
    return this.#retried(() => {
      const settings = this.#ready();
      const epoch = settings.epoch(this.onNewEpoch);
      return `${epoch}.${settings.get("forgotten") ?? 0}`;
    });
  }

  /** The latest operation of a client that is known. */
  latestOf(client: string): number | undefined {
    const known = this.#latest.get(client);
    if (known !== undefined) return known;
    const [row] = this.#retried(() =>
      this.#rows<{ latest: number | null }>(
        `SELECT max(operation) AS latest FROM partyflare_calls WHERE client = ?`,
        client,
      ),
    );
    if (row?.latest == null) return undefined;
    this.#latest.set(client, row.latest);
    return row.latest;
  }

  /** What is known of a client's operation, which was sent first when `since` was as it is given. */
  find(client: string, operation: number, since: string): Known {
    // Nearly every call: the storage need not be asked for what this life of the room knows.
    if (operation > (this.#latest.get(client) ?? Infinity)) return { state: "new" };
    const [row] = this.#retried(() =>
      this.#rows<{ operation: number; result: string | null }>(
        `SELECT operation, result FROM partyflare_calls WHERE client = ? AND slot = ?`,
        client,
        operation % MAX_OPERATIONS,
      ),
    );
    if (row?.operation === operation) {
      return row.result === null ? { state: "begun" } : { state: "done", result: row.result };
    }
    if (row && row.operation > operation) return { state: "unknown" };
    // Results of one client are forgotten together: with a later one there, none was.
    const latest = this.latestOf(client);
    if (latest !== undefined && operation > latest) return { state: "new" };
    // It may have been on its way when that changed.
    const isSpared = since === this.#spared?.since && this.#spared.clients.has(client);
    return isSpared || since === this.since ? { state: "new" } : { state: "unknown" };
  }

  /** Writes that an operation was begun, or what came of it. */
  write(client: string, operation: number, result: string | null): void {
    this.#retried(() =>
      this.#rows(
        `INSERT INTO partyflare_calls VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (client, slot) DO UPDATE SET operation = excluded.operation,
           at = excluded.at, result = excluded.result WHERE excluded.operation >= operation`,
        client,
        operation % MAX_OPERATIONS,
        operation,
        this.#now(),
        result,
      ),
    );
    this.#latest.set(client, Math.max(operation, this.#latest.get(client) ?? 0));
  }

  /** A client has left: its results are kept from now on. */
  left(client: string): void {
    const latest = this.#latest.get(client);
    if (latest === undefined) return;
    this.#latest.delete(client);
    this.#retried(() =>
      this.#rows(
        `UPDATE partyflare_calls SET at = ? WHERE client = ? AND slot = ?`,
        this.#now(),
        client,
        latest % MAX_OPERATIONS,
      ),
    );
  }

  /**
   * Forgets who has been gone for too long.
   *
   * @param presentClients asked only where it is time to look.
   */
  forgetOld(presentClients: () => ReadonlySet<string | null>): void {
    const nowMs = this.#now();
    if (Math.abs(nowMs - this.#forgotAtMs) < FORGET_RESULTS_EVERY_MS) return;
    this.#forgotAtMs = nowMs;
    const { since } = this;
    const gone = this.#rows<{ client: string }>(
      `SELECT client FROM partyflare_calls GROUP BY client HAVING max(at) < ?`,
      nowMs - KEEP_RESULTS_MS,
    );
    const present = presentClients();
    const left = gone.filter(({ client }) => !present.has(client));
    if (left.length === 0) return;
    for (const { client } of left) {
      this.#storage.sql.exec(`DELETE FROM partyflare_calls WHERE client = ?`, client);
      this.#latest.delete(client);
    }
    const settings = this.#ready();
    settings.set("forgotten", String(Number(settings.get("forgotten") ?? 0) + 1));
    this.#spared = { since, clients: present };
    this.onForgotten();
  }

  /** What was kept in memory of the storage may be wrong. */
  forget(): void {
    this.#latest.clear();
    this.#settings = undefined;
  }

  /** Does something once more where the storage has been wiped while the room was in memory. */
  #retried<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      // The settings may be there again: the history makes them too.
      if (this.#hasTable) throw error;
      this.#settings = undefined;
      // What this life of the room knows of its clients' operations is still true.
      this.#ready().epoch(this.onNewEpoch);
      return run();
    }
  }

  get #hasTable(): boolean {
    const query = `SELECT 1 FROM sqlite_master WHERE name = 'partyflare_calls'`;
    return this.#storage.sql.exec(query).toArray().length > 0;
  }

  #rows<Row>(query: string, ...values: SqlStorageValue[]): Row[] {
    this.#ready();
    return this.#storage.sql.exec(query, ...values).toArray() as Row[];
  }

  #ready(): Settings {
    if (this.#settings) return this.#settings;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS partyflare_calls (client TEXT NOT NULL,
      slot INTEGER NOT NULL, operation INTEGER NOT NULL, at INTEGER NOT NULL, result TEXT,
      PRIMARY KEY (client, slot)) WITHOUT ROWID`);
    return (this.#settings = new Settings(this.#storage));
  }
}
