import type { RoomStorage, Table } from "../capability";
import type { StoredLog } from "./position-log";
import { sealParsed } from "./json";
import { type Kind, SharedValue, type Tombstone, type Write } from "./shared-value";
import { rowLength } from "./writes";

interface Row {
  readonly key: string;
  /** Empty for the key itself. For an entry, a slash and its name. */
  readonly entry: string;
  /** Empty for an entry. */
  readonly kind: Kind | "";
  readonly version: number;
  readonly place: number;
  /** When it was deleted. */
  readonly at: number;
  /** The log, in the row of the change that has changed it. The one of the newest version counts. */
  readonly log: string | null;
  /** Null for a deletion. */
  readonly json: string | null;
}

/** The JSON comes last: SQLite reads the other columns without it. */
const TABLE: Table = {
  name: "partyflare_shared",
  version: 1,
  create: (sql) =>
    void sql.exec(`CREATE TABLE partyflare_shared (key TEXT NOT NULL, entry TEXT NOT NULL,
      kind TEXT NOT NULL, version INTEGER NOT NULL, place REAL NOT NULL, at INTEGER NOT NULL,
      log TEXT, json TEXT, PRIMARY KEY (key, entry)) WITHOUT ROWID`),
};

const UPSERT = `INSERT INTO partyflare_shared (key, entry, kind, version, place, at, log, json)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, entry) DO UPDATE SET kind = excluded.kind,
  version = excluded.version, place = excluded.place, at = excluded.at, log = excluded.log,
  json = excluded.json`;

/** A value as it was stored. */
export interface Stored {
  readonly value: SharedValue;
  readonly log: StoredLog;
}

/** The rows of the shared state: one for each key, and one for each entry of a record or list. */
export class EntryTable {
  readonly #storage: RoomStorage;
  /** The place whose row holds the log. */
  #holder: Pick<Row, "entry" | "key"> | undefined;
  /** A place that the newest version has written. */
  #newest: Pick<Row, "entry" | "key"> | undefined;

  constructor(storage: RoomStorage) {
    this.#storage = storage;
  }

  /** Returns the stored value; undefined before the first change. Reads all rows. */
  load(): Stored | undefined {
    this.#holder = undefined;
    if (!this.#storage.has(TABLE)) return undefined;
    const query = `SELECT key, entry, kind, version, place, at, log, json FROM partyflare_shared`;
    // `raw` takes half of the time.
    const rows = Array.from(this.#storage.sql.exec(query).raw(), rowOf);
    const holder = newestOf(rows.filter(({ log }) => log !== null));
    if (!holder) return undefined;
    this.#holder = holder;
    this.#newest = newestOf(rows);
    const gone = rows.filter(({ json }) => json === null).map(tombstoneOf);
    const present = rows.filter(({ json }) => json !== null);
    const value = SharedValue.stored(
      present
        .toSorted((one, other) => rank(one) - rank(other) || one.place - other.place)
        .map(writeOf),
      gone.toSorted((one, other) => one.version - other.version),
    );
    return { value, log: JSON.parse(String(holder.log)) as StoredLog };
  }

  /** Whether the storage has the version that was loaded or written last. It reads one row. */
  holds(version: number): boolean {
    if (!this.#newest) return false;
    const { key, entry } = this.#newest;
    const query = `SELECT version FROM partyflare_shared WHERE key = ? AND entry = ?`;
    try {
      return this.#storage.sql.exec(query, key, entry).toArray()[0]?.["version"] === version;
    } catch (error) {
      // The table is missing. Any other error comes from the storage itself.
      if (this.#storage.has(TABLE)) throw error;
      return false;
    }
  }

  /**
   * Writes changes, which then have this version. It is a part of the running transaction.
   *
   * @param hasNewLog whether the log has to be stored.
   */
  write(
    writes: readonly Write[],
    version: number,
    nowMs: number,
    log: StoredLog,
    hasNewLog: boolean,
  ): void {
    const { sql } = this.#storage;
    this.#storage.open(TABLE);
    const keys = new Set(writes.filter(({ entry }) => entry === null).map(({ key }) => key));
    const losesLog = writes.some(({ key, entry }) => this.#isHolder(key, entryName(entry)));
    const isHolderRemoved = this.#holder !== undefined && keys.has(this.#holder.key);
    const needsLog = hasNewLog || losesLog || isHolderRemoved;
    writes.forEach(({ key, entry, kind = "", place, json }, index) => {
      const name = entryName(entry);
      if (entry === null) {
        sql.exec(`DELETE FROM partyflare_shared WHERE key = ? AND entry <> ''`, key);
      }
      const holds = needsLog && index === writes.length - 1;
      const stored = holds ? JSON.stringify(log) : null;
      sql.exec(UPSERT, key, name, kind, version, place, nowMs, stored, json);
      if (holds) this.#holder = { key, entry: name };
      this.#newest = { key, entry: name };
    });
  }

  /** Stores the log alone. */
  writeLog(log: StoredLog): void {
    if (!this.#holder) return;
    const { key, entry } = this.#holder;
    const query = `UPDATE partyflare_shared SET log = ? WHERE key = ? AND entry = ?`;
    this.#storage.sql.exec(query, JSON.stringify(log), key, entry);
  }

  /** Deletes the row of a deletion. */
  prune({ key, entry }: Tombstone): void {
    const query = `DELETE FROM partyflare_shared WHERE key = ? AND entry = ? AND json IS NULL`;
    this.#storage.sql.exec(query, key, entryName(entry));
  }

  #isHolder(key: string, entry: string): boolean {
    return this.#holder?.key === key && this.#holder.entry === entry;
  }
}

function rowOf(columns: readonly SqlStorageValue[]): Row {
  const [key, entry, kind, version, place, at, log, json] = columns;
  return { key, entry, kind, version, place, at, log, json } as Row;
}

function newestOf(rows: readonly Row[]): Row | undefined {
  return rows.reduce<Row | undefined>(
    (one, other) => (one && one.version >= other.version ? one : other),
    undefined,
  );
}

/** Keys come before entries. */
function rank({ entry }: Row): number {
  return entry === "" ? 0 : 1;
}

function entryName(entry: string | null): string {
  return entry === null ? "" : `/${entry}`;
}

function entryOf({ entry }: Row): string | null {
  return entry === "" ? null : entry.slice(1);
}

function tombstoneOf(row: Row): Tombstone {
  return { key: row.key, entry: entryOf(row), version: row.version, atMs: row.at };
}

function writeOf(row: Row): Write & { version: number } {
  const { key, kind, version, place, json } = row;
  const entry = entryOf(row);
  const text = String(json);
  const isWhole = kind === "whole" || kind === "";
  const value = isWhole ? sealParsed(JSON.parse(text), entry === null ? 1 : 2) : null;
  const bytes = rowLength(entry ?? key, text);
  const write = { key, entry, version, place, json, bytes, value };
  return kind === "" ? write : { ...write, kind };
}
