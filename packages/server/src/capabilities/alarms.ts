import type { RoomStorage, Table } from "../storage/room-storage";

/** The times at which capabilities are due. */
const TABLE: Table = {
  name: "partyflare_alarms",
  version: 1,
  create: (sql) =>
    sql.exec(
      `CREATE TABLE partyflare_alarms
       (capability TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID`,
    ),
};

/** The delay before a capability that failed runs again, in ms. */
const RETRY_AFTER_MS = 5_000;

/**
 * The times at which capabilities are due. The earliest one is in the platform's only alarm. Both
 * are written in one transaction, with the data that they are for.
 */
export class Alarms {
  readonly #storage: RoomStorage;
  readonly #platform: DurableObjectStorage;

  constructor(storage: RoomStorage, platform: DurableObjectStorage) {
    this.#storage = storage;
    this.#platform = platform;
  }

  /** Sets the time of a capability, in whole ms since 1970; null for never. */
  set(capability: string, timeMs: number | null): void {
    this.#storage.transaction(() => {
      if (timeMs === null) this.#delete(capability);
      else this.#write(capability, Math.ceil(timeMs));
      this.#setEarliest();
    }, TABLE);
  }

  /**
   * Runs the capabilities that are due.
   *
   * @param run runs a capability, which may set its next time. If it throws, it runs again later.
   */
  ring(nowMs: number, run: (capability: string) => void): void {
    for (const capability of this.#due(nowMs)) {
      try {
        this.#storage.transaction(() => {
          this.#delete(capability);
          run(capability);
          this.#setEarliest();
        }, TABLE);
      } catch (error) {
        this.set(capability, nowMs + RETRY_AFTER_MS);
        throw error;
      }
    }
  }

  #due(nowMs: number): string[] {
    this.#storage.open(TABLE);
    const query = `SELECT capability FROM partyflare_alarms WHERE at_ms <= ?`;
    const rows = this.#storage.sql.exec<{ capability: string }>(query, nowMs).toArray();
    return rows.map(({ capability }) => capability);
  }

  #write(capability: string, atMs: number): void {
    this.#storage.sql.exec(
      `INSERT INTO partyflare_alarms VALUES (?, ?)
       ON CONFLICT (capability) DO UPDATE SET at_ms = excluded.at_ms`,
      capability,
      atMs,
    );
  }

  #delete(capability: string): void {
    this.#storage.sql.exec(`DELETE FROM partyflare_alarms WHERE capability = ?`, capability);
  }

  #setEarliest(): void {
    const query = `SELECT MIN(at_ms) AS at_ms FROM partyflare_alarms`;
    const [earliest] = this.#storage.sql.exec<{ at_ms: number | null }>(query).toArray();
    const atMs = earliest?.at_ms ?? null;
    // The platform writes both with the transaction, and undoes them with it.
    if (atMs === null) void this.#platform.deleteAlarm();
    else void this.#platform.setAlarm(atMs);
  }
}
