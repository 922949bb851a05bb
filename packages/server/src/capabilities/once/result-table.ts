import {
  KEEP_RESULTS_MS,
  MAX_RESULT_LENGTH,
  MAX_RESULTS_BYTES,
  type Operation,
  PartyError,
} from "@partyflare/shared";
import type { RoomStorage, Table } from "../../storage/room-storage";

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
interface Row {
  readonly day: number;
  readonly slot: number;
  readonly operation: number;
  /** The oldest number that was not answered when it was written. */
  readonly oldest: number;
  readonly digest: string;
  readonly bytes: number;
  /** Of the operation that was looked for; null for all others. */
  readonly outcome: string | null;
}

/** What is known of the table without reading it. */
interface Extent {
  /** Bytes of all rows, or more. */
  bytes: number;
  /** What is stored as `bytes`: never less than the rows have. */
  promised: number;
  /** No row of a later time was ever forgotten. Milliseconds since 1970. */
  forgottenUpToMs: number;
  /** The day before which all rows have been forgotten. */
  firstDay: number;
}

/** What a row takes beside its result, in bytes: its key, digest and times, rounded up. */
const ROW_BYTES = 256;

/** By how much the bytes may grow before that is written down: a small result costs no second row. */
const GROWTH_BYTES = 65_536;

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
      page TEXT NOT NULL, slot INTEGER NOT NULL, operation INTEGER NOT NULL, oldest INTEGER NOT NULL, digest TEXT NOT NULL,
      at INTEGER NOT NULL, bytes INTEGER NOT NULL, outcome TEXT NOT NULL,
      PRIMARY KEY (day, client, page, slot)) WITHOUT ROWID`),
};

const SETTING = "once";

/**
 * What came of the calls that happen once. A result is kept until its client is known to have it,
 * for a day at least, within 16 MiB for all clients.
 */
export class ResultTable {
  readonly #storage: RoomStorage;
  readonly #now: () => number;
  #extent: Extent | undefined;

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** The epoch and the time: a call carries what was told before it was sent first. */
  get since(): string {
    return `${this.#storage.epoch.id}.${this.#now()}`;
  }

  /** What is known of a call. */
  find({ client, operation, digest }: StoredCall): Known {
    this.#storage.open(TABLE);
    const rows = this.#rowsOf(client, operation);
    const row = rows.find((each) => each.operation === operation.number);
    if (row?.outcome != null) {
      return row.digest === digest ? { state: "done", outcome: row.outcome } : { state: "another" };
    }
    // Its client has had an answer: this is a repeat that was long on its way.
    if (rows.some(({ oldest }) => operation.number < oldest)) return { state: "unknown" };
    // The newest row of a page stays for as long as any: numbers above were never carried out. Others
    // were refused, or their rows were forgotten.
    const isAbove = rows.every((each) => each.operation < operation.number);
    const isNew = isAbove && (rows.length > 0 || !operation.repeat);
    return isNew || this.#wasKeptSince(operation.since) ? { state: "new" } : { state: "unknown" };
  }

  /**
   * Writes what came of a call that `find` has not found, over a result that its client has got, and deletes the other ones
   * that it has got.
   *
   * @throws PartyError `too_large` for a result that no row holds: it cannot be promised then.
   */
  write({ client, operation, digest }: StoredCall, outcome: string): void {
    if (outcome.length > MAX_RESULT_LENGTH) {
      throw new PartyError("too_large", { message: "The result is too large to be stored." });
    }
    const { page, number, oldest, since } = operation;
    const today = this.#today;
    this.#forgetBefore(today - 1);
    const rows = this.#rowsOf(client, operation);
    const [reused, ...answered] = rows
      .filter((row) => row.operation < oldest)
      .toSorted((a, b) => Number(b.day === today) - Number(a.day === today));
    const slots = rows.filter(({ day }) => day === today).map(({ slot }) => slot);
    const slot = reused?.day === today ? reused.slot : Math.max(-1, ...slots) + 1;
    const bytes = outcome.length + ROW_BYTES;
    this.#makeRoom(bytes - (reused?.day === today ? reused.bytes : 0));
    // Of the time that its client knows of, where this room's clock was put back.
    const nowMs = Math.max(this.#now(), today * KEEP_RESULTS_MS);
    const at = Math.max(nowMs, Math.min(timeOf(since), nowMs + KEEP_RESULTS_MS));
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_once VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      today,
      client,
      page,
      slot,
      number,
      oldest,
      digest,
      at,
      bytes,
      outcome,
    );
    const gone = reused?.day === today ? answered : [...(reused ? [reused] : []), ...answered];
    for (const row of gone) this.#delete(client, page, row);
  }

  /** Reads the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#extent = undefined;
  }

  /** Whether nothing of a time has been forgotten, nor wiped. */
  #wasKeptSince(since: string): boolean {
    const [epoch] = since.split(".");
    return epoch === this.#storage.epoch.id && timeOf(since) > this.#known.forgottenUpToMs;
  }

  /** Never an earlier day than that of the newest row, where a clock is put back. */
  get #today(): number {
    return Math.max(dayOf(this.#now()), this.#known.firstDay + 1);
  }

  /** Of the two days that are kept. */
  #rowsOf(client: string, { page, number }: Operation): Row[] {
    const today = this.#today;
    const rows = this.#storage.sql.exec(
      `SELECT day, slot, operation, oldest, digest, bytes,
         CASE WHEN operation = ? THEN outcome END AS outcome
       FROM partyflare_once WHERE day IN (?, ?) AND client = ? AND page = ?`,
      number,
      today - 1,
      today,
      client,
      page,
    );
    return rows.toArray() as unknown as Row[];
  }

  #delete(client: string, page: string, { day, slot, bytes }: Row): void {
    this.#storage.sql.exec(
      `DELETE FROM partyflare_once WHERE day = ? AND client = ? AND page = ? AND slot = ?`,
      day,
      client,
      page,
      slot,
    );
    this.#known.bytes -= bytes;
  }

  /** Forgets the rows of earlier days: those alone are read. */
  #forgetBefore(day: number): void {
    const extent = this.#known;
    if (day <= extent.firstDay) return;
    const forgotten = this.#storage.sql
      .exec(`DELETE FROM partyflare_once WHERE day < ? RETURNING at, bytes`, day)
      .toArray();
    extent.firstDay = day;
    this.#forgot(forgotten);
  }

  /** Makes sure that so many more bytes may be stored: the oldest results go first. */
  #makeRoom(bytes: number): void {
    const extent = this.#known;
    if (extent.bytes + bytes > MAX_RESULTS_BYTES) this.#evict(bytes);
    extent.bytes += bytes;
    if (extent.bytes > extent.promised) this.#save();
  }

  #evict(bytes: number): void {
    const extent = this.#known;
    const { sql } = this.#storage;
    const total = sql.exec<{ bytes: number | null }>(
      `SELECT sum(bytes) AS bytes FROM partyflare_once`,
    );
    extent.bytes = total.one().bytes ?? 0;
    // What was thought to be there has gone already.
    if (extent.bytes + bytes <= MAX_RESULTS_BYTES) return this.#save();
    // A quarter at a time, so that the whole table is seldom read.
    const excess = extent.bytes + bytes - (MAX_RESULTS_BYTES * 3) / 4;
    const forgotten = sql.exec(
      `DELETE FROM partyflare_once WHERE (day, client, page, slot) IN (
         SELECT day, client, page, slot FROM (
           SELECT *, sum(bytes) OVER (ORDER BY at, day, client, page, slot
             ROWS UNBOUNDED PRECEDING) - bytes AS older FROM partyflare_once)
         WHERE older < ?) RETURNING at, bytes`,
      excess,
    );
    this.#forgot(forgotten.toArray());
  }

  #forgot(rows: readonly Record<string, SqlStorageValue>[]): void {
    const extent = this.#known;
    for (const { at, bytes } of rows) {
      extent.bytes -= Number(bytes);
      extent.forgottenUpToMs = Math.max(extent.forgottenUpToMs, Number(at));
    }
    this.#save();
  }

  #save(): void {
    const extent = this.#known;
    extent.promised = Math.max(0, extent.bytes) + GROWTH_BYTES;
    const { promised, forgottenUpToMs, firstDay } = extent;
    this.#storage.metadata.set(SETTING, JSON.stringify([promised, forgottenUpToMs, firstDay]));
  }

  get #known(): Extent {
    if (this.#extent) return this.#extent;
    const stored = this.#storage.metadata.get(SETTING);
    const [promised = 0, forgottenUpToMs = 0, firstDay = 0] = JSON.parse(
      stored ?? "[]",
    ) as number[];
    return (this.#extent = { bytes: promised, promised, forgottenUpToMs, firstDay });
  }
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / KEEP_RESULTS_MS);
}

/** 0 for what is no time: nothing is newer then. */
function timeOf(since: string): number {
  const ms = Number(since.split(".")[1]);
  return Number.isSafeInteger(ms) ? ms : 0;
}
