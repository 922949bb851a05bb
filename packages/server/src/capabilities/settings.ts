/** A few texts by name, in the room's SQLite: what capabilities have to know of their tables. */
export class Settings {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS partyflare_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    );
  }

  /** Whether there is any in a storage: it may be new, or have been wiped. */
  static areIn({ sql }: DurableObjectStorage): boolean {
    const query = `SELECT 1 FROM sqlite_master WHERE name = 'partyflare_settings'`;
    return sql.exec(query).toArray().length > 0;
  }

  get(name: string): string | undefined {
    const rows = this.#sql.exec(`SELECT value FROM partyflare_settings WHERE name = ?`, name);
    return rows.toArray()[0]?.["value"] as string | undefined;
  }

  set(name: string, value: string): void {
    this.#sql.exec(
      `INSERT INTO partyflare_settings VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      name,
      value,
    );
  }

  /**
   * What tells this storage from any other, and from itself once it has been wiped.
   *
   * @param onNew called where there was none.
   */
  epoch(onNew: () => void = () => {}): string {
    const known = this.get("epoch");
    if (known !== undefined) return known;
    const epoch = crypto.randomUUID().replaceAll("-", "").slice(0, EPOCH_LENGTH);
    this.set("epoch", epoch);
    onNew();
    return epoch;
  }
}

/** 64 bits: a room has few epochs, and a client compares two of one room. */
const EPOCH_LENGTH = 16;
