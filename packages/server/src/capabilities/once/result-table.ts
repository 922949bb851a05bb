import { PartyError } from "@partyflare/shared";
import { MAX_RESULT_LENGTH, type Operation, utf8Length } from "@partyflare/shared/internal";
import type { RoomStorage, Table } from "../capability";
import { ResultBounds } from "./result-bounds";

/** The record of a call that may be a repeat. */
export type Known =
  /** The call was never run. */
  | { readonly state: "new" }
  | { readonly state: "done"; readonly outcome: string }
  /** Its number was used for another call. */
  | { readonly state: "another" }
  /** The call may have run, and its result is no longer stored. */
  | { readonly state: "unknown" };

/** The key of a stored result. */
export interface StoredCall {
  readonly client: string;
  readonly operation: Operation;
  /** The hash of its name and input. */
  readonly digest: string;
}

/** A row without its result. */
interface ResultMark extends Record<string, SqlStorageValue> {
  readonly day: number;
  readonly slot: number;
  readonly operation: number;
  /** The oldest unanswered number, as the client sent it with this call. */
  readonly oldest: number;
  readonly bytes: number;
}

/** The number of cached pages. Most have one row. */
const MAX_PAGES = 1_024;

/** The bytes of a row besides its result: its key, hash and times, rounded up. */
const ROW_BYTES = 256;

/**
 * The key begins with the day, so that expired rows are found without a scan. Client and page
 * follow, so that a call reads only the rows of its own page. Slots are reused once the client has
 * the answers of their calls: most pages have one row.
 */
const TABLE: Table = {
  name: "partyflare_once",
  version: 1,
  create: (sql) =>
    void sql.exec(`CREATE TABLE partyflare_once (day INTEGER NOT NULL, client TEXT NOT NULL,
      page TEXT NOT NULL, slot INTEGER NOT NULL, operation INTEGER NOT NULL,
      oldest INTEGER NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL, outcome TEXT NOT NULL,
      PRIMARY KEY (day, client, page, slot)) WITHOUT ROWID`),
};

/**
 * The stored results of calls that happen once. Until its client is known to have it, a result is
 * kept for at least a day, within 16 MiB for all clients.
 */
export class ResultTable {
  readonly #storage: RoomStorage;
  readonly #bounds: ResultBounds;
  readonly #now: () => number;
  /** A cache of the rows of recent pages, by client and page. */
  readonly #pages = new Map<string, readonly ResultMark[]>();

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#bounds = new ResultBounds(storage, now);
    this.#now = now;
  }

  /** The epoch and the time. A call carries the value from before it was first sent. */
  get since(): string {
    return `${this.#storage.look().id}.${this.#now()}`;
  }

  /** Opens the table. Call it before `find`, outside of a transaction. */
  open(): void {
    this.#storage.open(TABLE);
  }

  /** Runs a transaction in which results are found and written. */
  transaction<Result>(run: () => Result): Result {
    return this.#storage.transaction(run, TABLE);
  }

  /** Finds the record of a call. */
  find(call: StoredCall): Known {
    const { number, repeat, since } = call.operation;
    const rows = this.#rowsOf(call);
    const row = rows.find(({ operation }) => operation === number);
    if (row) return this.#readResult(call, row);
    // Its client has the answer: this repeat was delayed in the network.
    if (rows.some(({ oldest }) => number < oldest)) return { state: "unknown" };
    // A page's newest row is deleted last, so numbers above it never ran. Others were refused, or
    // their rows were deleted.
    const isAbove =
      rows.every(({ operation }) => operation < number) && !(repeat && rows.length === 0);
    return { state: isAbove || this.#isKeptSince(since) ? "new" : "unknown" };
  }

  /**
   * Writes the outcome of a call without a record. It overwrites a result that the client has, and
   * deletes the others that it has.
   *
   * @throws PartyError `too_large` for a result that no row can hold: it could not be repeated.
   */
  write(call: StoredCall, outcome: string): void {
    if (outcome.length > MAX_RESULT_LENGTH) {
      throw new PartyError("too_large", { message: "The result is too large to be stored." });
    }
    const { client, digest } = call;
    const { page, number, oldest } = call.operation;
    const bytes = utf8Length(outcome) + ROW_BYTES;
    if (this.#bounds.makeRoom(bytes)) this.#pages.clear();
    const { today } = this.#bounds;
    const rows = this.#rowsOf(call);
    const reused = rows.find(({ operation, day }) => operation < oldest && day === today);
    for (const row of rows) {
      if (row.operation >= oldest) continue;
      this.#bounds.free(row.bytes);
      if (row !== reused) this.#delete(call, row);
    }
    const slots = rows.map((row) => (row.day === today ? row.slot : -1));
    const slot = reused?.slot ?? Math.max(-1, ...slots) + 1;
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_once VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      today,
      client,
      page,
      slot,
      number,
      oldest,
      digest,
      this.#bounds.nowMs,
      bytes,
      outcome,
    );
    this.#bounds.save();
    this.#remember(call, [
      ...rows.filter(({ operation }) => operation >= oldest),
      { day: today, slot, operation: number, oldest, bytes },
    ]);
  }

  /** Clears the cache: the next use reads the storage. */
  forget(): void {
    this.#bounds.forget();
    this.#pages.clear();
  }

  /** Whether nothing was deleted or wiped since a time. */
  #isKeptSince(since: string): boolean {
    const [epoch] = since.split(".");
    return epoch === this.#storage.epoch.id && this.#bounds.isKeptSince(timeOf(since));
  }

  /** Returns the rows of a page, from the two days that are kept. */
  #rowsOf(call: StoredCall): readonly ResultMark[] {
    const yesterday = this.#bounds.today - 1;
    const known = this.#pages.get(pageKeyOf(call));
    if (known)
      return known.every(({ day }) => day >= yesterday)
        ? known
        : known.filter(({ day }) => day >= yesterday);
    const rows = this.#storage.sql
      .exec<ResultMark>(
        `SELECT day, slot, operation, oldest, bytes FROM partyflare_once
         WHERE day IN (?, ?) AND client = ? AND page = ?`,
        yesterday,
        yesterday + 1,
        call.client,
        call.operation.page,
      )
      .toArray();
    this.#remember(call, rows);
    return rows;
  }

  #remember(call: StoredCall, rows: readonly ResultMark[]): void {
    const key = pageKeyOf(call);
    // Moves the key to the end: the first ones are evicted first.
    this.#pages.delete(key);
    this.#pages.set(key, rows);
    if (this.#pages.size > MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value ?? "");
  }

  #readResult(call: StoredCall, { day, slot, operation }: ResultMark): Known {
    const query = `SELECT digest, outcome FROM partyflare_once
      WHERE day = ? AND client = ? AND page = ? AND slot = ? AND operation = ?`;
    const place = [day, call.client, call.operation.page, slot, operation];
    const [row] = this.#storage.sql
      .exec<{ digest: string; outcome: string }>(query, ...place)
      .toArray();
    if (!row) {
      // A transaction of the app has rolled it back.
      this.forget();
      return this.find(call);
    }
    if (row.digest !== call.digest) return { state: "another" };
    return { state: "done", outcome: row.outcome };
  }

  #delete({ client, operation: { page } }: StoredCall, { day, slot }: ResultMark): void {
    const query = `DELETE FROM partyflare_once
      WHERE day = ? AND client = ? AND page = ? AND slot = ?`;
    this.#storage.sql.exec(query, day, client, page, slot);
  }
}

/** Neither part holds a blank. */
function pageKeyOf({ client, operation }: StoredCall): string {
  return `${client} ${operation.page}`;
}

/** 0 for an invalid time: its results count as expired. */
function timeOf(since: string): number {
  const ms = Number(since.split(".")[1]);
  return Number.isSafeInteger(ms) ? ms : 0;
}
