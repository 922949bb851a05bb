import { PartyError } from "@partyflare/shared";
import { MAX_RESULT_LENGTH, type Operation, utf8Length } from "@partyflare/shared/internal";
import type { RoomStorage, Table } from "../capability";
import { ResultBounds } from "./result-bounds";

/** What is known of a call that may be a repeat. */
export type Known =
  /** It was never carried out. */
  | { readonly state: "new" }
  | { readonly state: "done"; readonly outcome: string }
  /** Its number was used for another call. */
  | { readonly state: "another" }
  /** It may have been carried out, and what came of it is not stored any more. */
  | { readonly state: "unknown" };

/** A call, as its results are stored. */
export interface StoredCall {
  readonly client: string;
  readonly operation: Operation;
  /** Of its name and input. */
  readonly digest: string;
}

/** A row without its result. */
interface ResultMark extends Record<string, SqlStorageValue> {
  readonly day: number;
  readonly slot: number;
  readonly operation: number;
  /** The oldest number that was not answered, as its client told with this call. */
  readonly oldest: number;
  readonly bytes: number;
}

/** How many pages are remembered. Most have one row. */
const MAX_PAGES = 1_024;

/** What a row takes beside its result, in bytes: its key, digest and times, rounded up. */
const ROW_BYTES = 256;

/**
 * Rows by day, so that old ones are found without a look at the others; in a day by client and page,
 * so that a call reads the rows of its own page. The slots of a page are used again once their
 * calls are known to be answered: most pages have one row.
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
 * What came of the calls that happen once. A result is kept until its client is known to have it,
 * for a day at least, within 16 MiB for all clients.
 */
export class ResultTable {
  readonly #storage: RoomStorage;
  readonly #bounds: ResultBounds;
  readonly #now: () => number;
  /** The rows of the pages that were asked for last, by client and page: a cache. */
  readonly #pages = new Map<string, readonly ResultMark[]>();

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#bounds = new ResultBounds(storage, now);
    this.#now = now;
  }

  /** The epoch and the time: a call carries what was told before it was sent first. */
  get since(): string {
    return `${this.#storage.look().id}.${this.#now()}`;
  }

  /** Before `find`, outside of a transaction. */
  open(): void {
    this.#storage.open(TABLE);
  }

  /** A transaction in which results are found and written. */
  transaction<Result>(run: () => Result): Result {
    return this.#storage.transaction(run, TABLE);
  }

  /** What is known of a call. */
  find(call: StoredCall): Known {
    const { number, repeat, since } = call.operation;
    const rows = this.#rowsOf(call);
    const row = rows.find(({ operation }) => operation === number);
    if (row) return this.#readResult(call, row);
    // Its client has had an answer: this is a repeat that was long on its way.
    if (rows.some(({ oldest }) => number < oldest)) return { state: "unknown" };
    // The newest row of a page stays for as long as any: numbers above were never carried out.
    // Others were refused, or their rows were forgotten.
    const isAbove =
      rows.every(({ operation }) => operation < number) && !(repeat && rows.length === 0);
    return { state: isAbove || this.#isKeptSince(since) ? "new" : "unknown" };
  }

  /**
   * Writes what came of a call that `find` has not found: over a result that its client has got, and
   * deletes the other ones that it has got.
   *
   * @throws PartyError `too_large` for a result that no row holds: it cannot be promised then.
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

  /** Reads the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#bounds.forget();
    this.#pages.clear();
  }

  /** Whether nothing of a time has been forgotten, nor wiped. */
  #isKeptSince(since: string): boolean {
    const [epoch] = since.split(".");
    return epoch === this.#storage.epoch.id && this.#bounds.isKeptSince(timeOf(since));
  }

  /** The rows of a page, of the two days that are kept. */
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
    // Behind all others: those that were asked for long ago are forgotten first.
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
      // It was rolled back by means of the platform's own.
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

/** Neither holds a blank. */
function pageKeyOf({ client, operation }: StoredCall): string {
  return `${client} ${operation.page}`;
}

/** 0 for what is no time: nothing is newer then. */
function timeOf(since: string): number {
  const ms = Number(since.split(".")[1]);
  return Number.isSafeInteger(ms) ? ms : 0;
}
