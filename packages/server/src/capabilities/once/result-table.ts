import { MAX_RESULT_LENGTH, type Operation, PartyError } from "@partyflare/shared";
import type { RoomStorage, Table } from "../capability";
import { ResultBounds } from "./result-bounds";

const ENCODER = new TextEncoder();

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

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#bounds = new ResultBounds(storage, now);
    this.#now = now;
  }

  /** The epoch and the time: a call carries what was told before it was sent first. */
  get since(): string {
    return `${this.#storage.look().id}.${this.#now()}`;
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
    // The newest row of a page stays for as long as any: numbers above were never carried out.
    // Others were refused, or their rows were forgotten.
    const isAbove = rows.every((each) => each.operation < operation.number);
    const isNew = isAbove && (rows.length > 0 || !operation.repeat);
    return isNew || this.#isKeptSince(operation.since) ? { state: "new" } : { state: "unknown" };
  }

  /**
   * Writes what came of a call that `find` has not found: over a result that its client has got, and
   * deletes the other ones that it has got.
   *
   * @throws PartyError `too_large` for a result that no row holds: it cannot be promised then.
   */
  write({ client, operation, digest }: StoredCall, outcome: string): void {
    if (outcome.length > MAX_RESULT_LENGTH) {
      throw new PartyError("too_large", { message: "The result is too large to be stored." });
    }
    const { page, number, oldest, since } = operation;
    const bytes = ENCODER.encode(outcome).length + ROW_BYTES;
    this.#bounds.makeRoom(bytes);
    const { today } = this.#bounds;
    const rows = this.#rowsOf(client, operation);
    const answered = rows.filter((row) => row.operation < oldest);
    const reused = answered.find(({ day }) => day === today);
    const slots = rows.filter(({ day }) => day === today).map(({ slot }) => slot);
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_once VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      today,
      client,
      page,
      reused?.slot ?? Math.max(-1, ...slots) + 1,
      number,
      oldest,
      digest,
      this.#bounds.timeOfRow(timeOf(since)),
      bytes,
      outcome,
    );
    for (const row of answered) if (row !== reused) this.#delete(client, page, row);
    this.#bounds.free(answered.reduce((sum, row) => sum + row.bytes, 0));
  }

  /** Reads the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#bounds.forget();
  }

  /** Whether nothing of a time has been forgotten, nor wiped. */
  #isKeptSince(since: string): boolean {
    const [epoch] = since.split(".");
    return epoch === this.#storage.epoch.id && this.#bounds.isKeptSince(timeOf(since));
  }

  /** Of the two days that are kept. */
  #rowsOf(client: string, { page, number }: Operation): Row[] {
    const { today } = this.#bounds;
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

  #delete(client: string, page: string, { day, slot }: Row): void {
    this.#storage.sql.exec(
      `DELETE FROM partyflare_once WHERE day = ? AND client = ? AND page = ? AND slot = ?`,
      day,
      client,
      page,
      slot,
    );
  }
}

/** 0 for what is no time: nothing is newer then. */
function timeOf(since: string): number {
  const ms = Number(since.split(".")[1]);
  return Number.isSafeInteger(ms) ? ms : 0;
}
