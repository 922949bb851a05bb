import { KEEP_RESULTS_MS, MAX_RESULTS_BYTES } from "@partyflare/shared/internal";
import type { RoomStorage } from "../capability";

/** A cache of the extent of the stored results. */
interface Extent {
  /** Bytes of all rows, or more. */
  bytes: number;
  /** The stored upper bound of `bytes`: never less than the rows have. */
  promised: number;
  /** No later row was ever deleted. Milliseconds since 1970. */
  forgottenUpToMs: number;
  /** All rows before this day have been deleted. */
  firstDay: number;
}

/** The growth in bytes before a new bound is stored: a small result needs no second row. */
const GROWTH_BYTES = 65_536;

const SETTING = "once";

/** The limits of stored results, in time and in bytes. The oldest are deleted first. */
export class ResultBounds {
  readonly #storage: RoomStorage;
  readonly #now: () => number;
  #extent: Extent | undefined;

  constructor(storage: RoomStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Clears the cache: the next use reads the storage. */
  forget(): void {
    this.#extent = undefined;
  }

  /** The day of the newest rows. It never decreases, even if the clock is set back. */
  get today(): number {
    return Math.max(dayOf(this.#now()), this.#known.firstDay + 1);
  }

  /** The time of a row that is written now. The client's clock is not used. */
  get nowMs(): number {
    return Math.max(this.#now(), this.today * KEEP_RESULTS_MS);
  }

  /**
   * Whether every row after a time is still stored: none was deleted, and none is of an expired
   * day.
   */
  isKeptSince(timeMs: number): boolean {
    const isLookedAt = dayOf(timeMs) >= this.today - 1;
    return isLookedAt && timeMs > this.#known.forgottenUpToMs;
  }

  /**
   * Makes room for a row. It deletes rows of the days before yesterday, and the oldest ones if
   * there are too many bytes.
   *
   * @returns whether rows were deleted.
   */
  makeRoom(bytes: number): boolean {
    const known = this.#known;
    let haveGone = this.#forgetBefore(this.today - 1);
    if (known.bytes + bytes > MAX_RESULTS_BYTES) haveGone = this.#evict(bytes) || haveGone;
    known.bytes += bytes;
    return haveGone;
  }

  /** Subtracts the bytes of rows that are overwritten or deleted. */
  free(bytes: number): void {
    this.#known.bytes -= bytes;
  }

  /** Stores the upper bound of the bytes, if it has grown. */
  save(): void {
    const known = this.#known;
    if (known.bytes > known.promised) this.#save();
  }

  /** Deletes the rows of earlier days, and reads no others. */
  #forgetBefore(day: number): boolean {
    const known = this.#known;
    if (day <= known.firstDay) return false;
    known.firstDay = day;
    return this.#forget(`DELETE FROM partyflare_once WHERE day < ? RETURNING at, bytes`, day);
  }

  /**
   * Deletes rows of the pages that were idle for longest. The newest operation of each page goes
   * last.
   */
  #evict(bytes: number): boolean {
    const known = this.#known;
    const query = `SELECT sum(bytes) AS bytes FROM partyflare_once`;
    known.bytes = this.#storage.sql.exec<{ bytes: number | null }>(query).one().bytes ?? 0;
    // The cached number was too high.
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

  /** @returns whether rows were deleted. */
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
