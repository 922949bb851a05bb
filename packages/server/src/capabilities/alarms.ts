import type { RoomStorage, Table } from "../storage/room-storage";

/** The times at which capabilities are due. */
const TABLE: Table = {
  name: "partyflare_alarms",
  version: 1,
  create: (sql) =>
    sql.exec(
      `CREATE TABLE partyflare_alarms (capability TEXT PRIMARY KEY, at_ms INTEGER NOT NULL,
       failures INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
    ),
};

/** The delay before a capability that failed runs again, in ms. It doubles with each failure. */
const RETRY_AFTER_MS = 5_000;

/** The longest such delay in ms: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** The latest time that a `Date` can hold, in ms since 1970. */
const MAX_TIME_MS = 8_640_000_000_000_000;

/**
 * The latest alarm, in ms since 1970. Cloudflare, `setAlarm`: it rejects with "This API doesn't
 * support dates after 2189". When such an alarm rings, nothing is due, and it is set again.
 */
const MAX_ALARM_MS = Date.UTC(2180);

/** A capability that is due. */
interface Due extends Record<string, SqlStorageValue> {
  readonly capability: string;
  /** How often in a row it has failed. */
  readonly failures: number;
}

/** The error of a capability's `onAlarm`. */
export interface FailedAlarm {
  readonly name: string;
  readonly error: unknown;
}

/**
 * The times at which capabilities are due. The earliest one is in the platform's only alarm. Both
 * are written in one transaction, with the data that they are for. A rollback undoes both.
 */
export class Alarms {
  readonly #storage: RoomStorage;
  readonly #platform: DurableObjectStorage;

  constructor(storage: RoomStorage, platform: DurableObjectStorage) {
    this.#storage = storage;
    this.#platform = platform;
  }

  /**
   * Sets the time of a capability, in ms since 1970; null for never.
   *
   * @throws RangeError if it is no time.
   */
  set(capability: string, timeMs: number | null): void {
    const atMs = timeMs === null ? null : wholeMs(timeMs);
    // A room in which nothing is due writes nothing.
    if (atMs === null && !this.#storage.has(TABLE)) return;
    this.#storage.transaction(() => {
      const before = this.#earliest();
      if (atMs === null) this.#delete(capability);
      else this.#write(capability, atMs, 0);
      if (this.#earliest() !== before) this.#setEarliest();
    }, TABLE);
  }

  /**
   * Runs the capabilities that are due, each in a transaction of its own. One that throws runs
   * again later. The alarm is set again in any case: the platform may have rung too early.
   *
   * @param order the names of all capabilities, in their order. Times of others are deleted.
   * @param run runs a capability, which may set its next time.
   * @returns the errors.
   */
  ring(nowMs: number, order: readonly string[], run: (capability: string) => void): FailedAlarm[] {
    if (!this.#storage.has(TABLE)) return [];
    this.#storage.open(TABLE);
    const failed: FailedAlarm[] = [];
    for (const { capability: name, failures } of this.#due(nowMs, order)) {
      try {
        this.#storage.transaction(() => {
          this.#delete(name);
          if (order.includes(name)) run(name);
        }, TABLE);
      } catch (error) {
        failed.push({ name, error });
        const delayMs = Math.min(RETRY_AFTER_MS * 2 ** failures, MAX_RETRY_AFTER_MS);
        this.#storage.transaction(() => this.#write(name, nowMs + delayMs, failures + 1), TABLE);
      }
    }
    this.#storage.transaction(() => this.#setEarliest(), TABLE);
    return failed;
  }

  #due(nowMs: number, order: readonly string[]): Due[] {
    const query = `SELECT capability, failures FROM partyflare_alarms WHERE at_ms <= ?`;
    const rows = this.#storage.sql.exec<Due>(query, nowMs).toArray();
    return rows.toSorted((a, b) => order.indexOf(a.capability) - order.indexOf(b.capability));
  }

  #write(capability: string, atMs: number, failures: number): void {
    // The same time again writes no row.
    const query = `INSERT INTO partyflare_alarms VALUES (?, ?, ?) ON CONFLICT DO UPDATE
      SET at_ms = excluded.at_ms, failures = excluded.failures
      WHERE at_ms <> excluded.at_ms OR failures <> excluded.failures`;
    this.#storage.sql.exec(query, capability, atMs, failures);
  }

  #delete(capability: string): void {
    this.#storage.sql.exec(`DELETE FROM partyflare_alarms WHERE capability = ?`, capability);
  }

  #earliest(): number | null {
    const query = `SELECT MIN(at_ms) AS at_ms FROM partyflare_alarms`;
    const [earliest] = this.#storage.sql.exec<{ at_ms: number | null }>(query).toArray();
    return earliest?.at_ms ?? null;
  }

  /** The platform writes the alarm with the running transaction, and undoes it with it. */
  #setEarliest(): void {
    const atMs = this.#earliest();
    if (atMs === null) void this.#platform.deleteAlarm();
    else void this.#platform.setAlarm(Math.min(atMs, MAX_ALARM_MS));
  }
}

/** With a fraction, an alarm may run too early, and is lost if it is set to the same time again. */
function wholeMs(timeMs: number): number {
  if (typeof timeMs !== "number" || Number.isNaN(timeMs) || Math.abs(timeMs) > MAX_TIME_MS) {
    throw new RangeError(`wakeAt takes milliseconds since 1970, or null, not ${String(timeMs)}.`);
  }
  // The platform takes no time before 1970.
  return Math.max(1, Math.ceil(timeMs));
}
