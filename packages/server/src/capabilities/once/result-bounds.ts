import { KEEP_RESULTS_MS, MAX_RESULTS_BYTES } from "@partyflare/shared/internal";
import type { RoomStorage } from "../capability";

/** What is known of the stored results without reading them. */
interface Extent {
  /** Bytes of all rows, or more. */
  bytes: number;
  /** What is written down of `bytes`: never less than the rows have. */
  promised: number;
  /** No row of a later time was ever forgotten. Milliseconds since 1970. */
  forgottenUpToMs: number;
  /** The day before which all rows have been forgotten. */
  firstDay: number;
}

/** By how much the bytes may grow before that is written down: a small result costs no second row. */
const GROWTH_BYTES = 65_536;

const SETTING = "once";

/** How long results are kept, and how many bytes of them. The oldest go first. */
export class ResultBounds {
  readonly #storage: RoomStorage;
  readonly #now: () => number;
  #extent: Extent | undefined;

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Reads the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#extent = undefined;
  }

  /** The day of the newest rows: never an earlier one than before, where a clock is put back. */
  get today(): number {
    return Math.max(dayOf(this.#now()), this.#known.firstDay + 1);
  }

  /** The time of a row that is written now. A client's own word for it counts nothing. */
  get nowMs(): number {
    return Math.max(this.#now(), this.today * KEEP_RESULTS_MS);
  }

  /**
   * Whether every row from after a time is still there: none was forgotten, and none is of a day
   * that is not looked at any more.
   */
  isKeptSince(timeMs: number): boolean {
    const isLookedAt = dayOf(timeMs) >= this.today - 1;
    return isLookedAt && timeMs > this.#known.forgottenUpToMs;
  }

  /**
   * Makes room for a row: rows of the days before yesterday go, and the oldest where there are too
   * many bytes.
   *
   * @returns whether rows have gone.
   */
  makeRoom(bytes: number): boolean {
    const known = this.#known;
    let haveGone = this.#forgetBefore(this.today - 1);
    if (known.bytes + bytes > MAX_RESULTS_BYTES) haveGone = this.#evict(bytes) || haveGone;
    known.bytes += bytes;
    return haveGone;
  }

  /** Rows are overwritten or deleted. */
  free(bytes: number): void {
    this.#known.bytes -= bytes;
  }

  /** Writes down how many bytes there are at most, where that has grown. */
  save(): void {
    const known = this.#known;
    if (known.bytes > known.promised) this.#save();
  }

  /** Reads the rows of earlier days, and no others. */
  #forgetBefore(day: number): boolean {
    const known = this.#known;
    if (day <= known.firstDay) return false;
    known.firstDay = day;
    return this.#forget(`DELETE FROM partyflare_once WHERE day < ? RETURNING at, bytes`, day);
  }

  /** The pages that have been quiet for longest go first, and the newest operation of each goes last. */
  #evict(bytes: number): boolean {
    const known = this.#known;
    const query = `SELECT sum(bytes) AS bytes FROM partyflare_once`;
    known.bytes = this.#storage.sql.exec<{ bytes: number | null }>(query).one().bytes ?? 0;
    // What was thought to be there has gone already.
    if (known.bytes + bytes <= MAX_RESULTS_BYTES) {
      this.#save();
      return false;
    }
    // A quarter at a time, so that the whole table is seldom read.
    const excess = known.bytes + bytes - (MAX_RESULTS_BYTES * 3) / 4;
    return this.#forget(
      `DELETE FROM partyflare_once WHERE (day, client, page, slot) IN (
         SELECT day, client, page, slot FROM (
           SELECT *, sum(bytes) OVER (ORDER BY latest, client, page, operation
             ROWS UNBOUNDED PRECEDING) - bytes AS older FROM (
             SELECT *, max(at) OVER (PARTITION BY client, page) AS latest FROM partyflare_once))
         WHERE older < ?) RETURNING at, bytes`,
      excess,
    );
  }

  /** @returns whether there were any. */
  #forget(query: string, value: number): boolean {
    const known = this.#known;
    const rows = this.#storage.sql.exec<{ at: number; bytes: number }>(query, value).toArray();
    for (const { at, bytes } of rows) {
      known.bytes -= bytes;
      known.forgottenUpToMs = Math.max(known.forgottenUpToMs, at);
    }
    this.#save();
    return rows.length > 0;
  }

  #save(): void {
    const known = this.#known;
    known.promised = Math.max(0, known.bytes) + GROWTH_BYTES;
    const { promised, forgottenUpToMs, firstDay } = known;
    this.#storage.metadata.set(SETTING, JSON.stringify([promised, forgottenUpToMs, firstDay]));
  }

  get #known(): Extent {
    if (this.#extent) return this.#extent;
    const stored = JSON.parse(this.#storage.metadata.get(SETTING) ?? "[]") as number[];
    const [promised = 0, forgottenUpToMs = 0, firstDay = 0] = stored;
    return (this.#extent = { bytes: promised, promised, forgottenUpToMs, firstDay });
  }
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / KEEP_RESULTS_MS);
}
