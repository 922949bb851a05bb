import { randomKey } from "@partyflare/shared";
import { randomTag } from "@partyflare/shared/internal";

/** The epoch of a room's storage. It ends when the app wipes the storage. */
export interface Epoch {
  /** 16 characters. A client compares it with the epoch that it knows. */
  readonly id: string;
  /** The tag of the place before the first durable event. */
  readonly tag: string;
}

/** 96 bits tell any two epochs of a room apart. */
const EPOCH_LENGTH = 16;

export function newEpoch(): Epoch {
  return { id: randomKey().slice(0, EPOCH_LENGTH), tag: randomTag() };
}

/** Texts by name: the epoch, the versions of tables, and other data of tables. */
export class Metadata {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  create(): void {
    this.#storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS partyflare_metadata
       (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    );
  }

  /** Returns the epoch of the storage; undefined if it is empty. Reads one row. */
  epoch(): Epoch | undefined {
    try {
      const [id, tag] = this.get("epoch")?.split(".") ?? [];
      return id && tag ? { id, tag } : undefined;
    } catch (error) {
      // The table is missing. Any other error comes from the storage itself.
      if (this.#hasTable()) throw error;
      return undefined;
    }
  }

  get(name: string): string | undefined {
    const query = `SELECT value FROM partyflare_metadata WHERE name = ?`;
    return this.#storage.sql.exec<{ value: string }>(query, name).toArray()[0]?.value;
  }

  set(name: string, value: string): void {
    this.#storage.sql.exec(
      `INSERT INTO partyflare_metadata VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      name,
      value,
    );
  }

  #hasTable(): boolean {
    const query = `SELECT 1 FROM sqlite_master WHERE name = 'partyflare_metadata'`;
    return this.#storage.sql.exec(query).toArray().length > 0;
  }
}
