import { MAX_RESULT_LENGTH, type Operation, PartyError } from "@partyflare/shared";
import type { RoomStorage, Table } from "../capability";
import { ResultBounds } from "./result-bounds";

const ENCODER = new TextEncoder();

/** What is known of a call that may be a repeat. */
export type Known =
  /** It was never carried out. The rows of its page are as told. */
  | { readonly state: "new"; readonly page: Summary }
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

/** What the rows of a page tell, in one row. */
export interface Summary extends Record<string, SqlStorageValue> {
  /** The newest operation; null where there is no row. */
  readonly newest: number | null;
  /** The oldest number that was not answered, as its client has told last. */
  readonly oldest: number | null;
  /** Of the operation that is looked for; null where there is no row of it. */
  readonly digest: string | null;
  readonly outcome: string | null;
  /** A slot of today whose result its client has got. */
  readonly reusable: number | null;
  /** The highest slot of today. */
  readonly highest: number | null;
  /** How many results its client has got, and their bytes. */
  readonly answered: number;
  readonly answeredBytes: number;
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
  find(call: StoredCall): Known {
    this.#storage.open(TABLE);
    const { operation, digest } = call;
    const page = this.#summaryOf(call);
    const { newest, oldest, digest: stored, outcome } = page;
    if (outcome !== null) {
      return stored === digest ? { state: "done", outcome } : { state: "another" };
    }
    // Its client has had an answer: this is a repeat that was long on its way.
    if (oldest !== null && operation.number < oldest) return { state: "unknown" };
    // The newest row of a page stays for as long as any: numbers above were never carried out.
    // Others were refused, or their rows were forgotten.
    const isAbove = newest === null ? !operation.repeat : operation.number > newest;
    const isNew = isAbove || this.#isKeptSince(operation.since);
    return isNew ? { state: "new", page } : { state: "unknown" };
  }

  /**
   * Writes what came of a call that `find` has not found: over a result that its client has got, and
   * deletes the other ones that it has got.
   *
   * @param known what `find` has told of its page.
   * @throws PartyError `too_large` for a result that no row holds: it cannot be promised then.
   */
  write(call: StoredCall, outcome: string, known: Summary): void {
    if (outcome.length > MAX_RESULT_LENGTH) {
      throw new PartyError("too_large", { message: "The result is too large to be stored." });
    }
    const { client, digest } = call;
    const { page, number, oldest } = call.operation;
    const bytes = ENCODER.encode(outcome).length + ROW_BYTES;
    const isAsKnown = !this.#bounds.makeRoom(bytes);
    const { today } = this.#bounds;
    const { answered, answeredBytes, reusable, highest } = isAsKnown
      ? known
      : this.#summaryOf(call);
    this.#bounds.free(answeredBytes);
    if (answered > 1 || (answered === 1 && reusable === null)) {
      this.#storage.sql.exec(
        `DELETE FROM partyflare_once WHERE day IN (?, ?) AND client = ? AND page = ?
           AND operation < ? AND NOT (day = ? AND slot IS ?)`,
        today - 1,
        today,
        client,
        page,
        oldest,
        today,
        reusable,
      );
    }
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_once VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      today,
      client,
      page,
      reusable ?? (highest ?? -1) + 1,
      number,
      oldest,
      digest,
      this.#bounds.nowMs,
      bytes,
      outcome,
    );
    this.#bounds.save();
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
  #summaryOf({ client, operation }: StoredCall): Summary {
    const { today } = this.#bounds;
    const { page, number, oldest } = operation;
    return this.#storage.sql
      .exec<Summary>(
        `SELECT max(operation) AS newest, max(oldest) AS oldest,
           max(CASE WHEN operation = ?1 THEN digest END) AS digest,
           max(CASE WHEN operation = ?1 THEN outcome END) AS outcome,
           min(CASE WHEN day = ?2 AND operation < ?3 THEN slot END) AS reusable,
           max(CASE WHEN day = ?2 THEN slot END) AS highest,
           coalesce(sum(operation < ?3), 0) AS answered,
           coalesce(sum(CASE WHEN operation < ?3 THEN bytes END), 0) AS answeredBytes
         FROM partyflare_once WHERE day IN (?2, ?4) AND client = ?5 AND page = ?6`,
        number,
        today,
        oldest,
        today - 1,
        client,
        page,
      )
      .one();
  }
}

/** 0 for what is no time: nothing is newer then. */
function timeOf(since: string): number {
  const ms = Number(since.split(".")[1]);
  return Number.isSafeInteger(ms) ? ms : 0;
}
