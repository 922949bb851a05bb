import type { RoomStorage, StoredAudience, Table } from "../capability";

/** A stored durable event. */
export interface StoredEvent {
  readonly offset: number;
  readonly atMs: number;
  readonly name: string;
  /** The event's frame, without its place. */
  readonly frame: string;
  /** Bytes of the frame, as UTF-8, and of its audience. */
  readonly bytes: number;
  readonly audience: StoredAudience;
  readonly tag: string;
}

/** The short columns of a row. */
export interface Mark extends Record<string, SqlStorageValue> {
  readonly slot: number;
  readonly offset: number;
  readonly at: number;
  readonly bytes: number;
  /** The bytes of all events up to this one, since the epoch began. */
  readonly total: number;
  readonly tag: string;
  /** The tag of the event before it. */
  readonly previous: string;
}

interface Row extends Mark {
  readonly name: string;
  readonly audience: string | null;
  readonly frame: string;
}

/** A row without its slot. */
export interface NewRow {
  readonly offset: number;
  readonly at: number;
  readonly bytes: number;
  readonly total: number;
  readonly tag: string;
  readonly previous: string;
  readonly name: string;
  readonly audience: string | null;
  readonly frame: string;
}

/** The audience of an event for all connections. */
export const EVERYBODY: StoredAudience = {};

const MARKS = "slot, offset, at, bytes, total, tag, previous";

const COLUMNS = `${MARKS}, name, audience, frame`;

const HOLDS = `FROM partyflare_history WHERE slot = ? AND offset = ? AND tag = ?`;

/** @param previous the value of the column `previous`. */
const insertWith = (previous: string) => `INSERT OR REPLACE INTO partyflare_history (${COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ${previous}, ?, ?, ?)`;

const INSERT = insertWith("?");

/** Fails if the previous event is missing, since `previous` is never null. */
const INSERT_AFTER = insertWith(`(SELECT tag ${HOLDS})`);

/** The frame comes last: SQLite reads the other columns without it. */
const TABLE: Table = {
  name: "partyflare_history",
  version: 1,
  create: (sql) =>
    void sql.exec(`CREATE TABLE partyflare_history (slot INTEGER PRIMARY KEY,
      offset INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL,
      total INTEGER NOT NULL, tag TEXT NOT NULL, previous TEXT NOT NULL, name TEXT NOT NULL,
      audience TEXT, frame TEXT NOT NULL)`),
};

const SLOTS_SETTING = "slots of partyflare_history";

/**
 * The rows of the last events, each in the slot of its offset. A new event overwrites the expired
 * one. This writes one row, while a log that deletes writes two.
 */
export class RingTable {
  readonly #storage: RoomStorage;
  readonly #slots: number;
  /** Whether the app may still roll back the last change of the layout. */
  #isLaidOutAnew = false;

  constructor(storage: RoomStorage, slots: number) {
    this.#storage = storage;
    this.#slots = slots;
  }

  /** Checks the storage for a wipe. Call it once for each unit of work: it reads a row. */
  open(): void {
    this.#storage.open(TABLE);
  }

  /** Whether rows are still in their slots, after `ends` has put them there. */
  get isLaidOut(): boolean {
    try {
      return !this.#isLaidOutAnew || this.#storedSlots === String(this.#slots);
    } catch {
      // The table is missing.
      return false;
    }
  }

  insert(row: NewRow): void {
    this.#insert(INSERT, row, row.previous);
  }

  /**
   * Inserts an event if the previous one is stored. It uses one statement instead of two, since a
   * statement costs more than the row that it reads.
   *
   * @returns whether it was inserted.
   */
  insertAfter(row: NewRow): boolean {
    const before = row.offset - 1;
    if (!this.isLaidOut) return false;
    try {
      this.#insert(INSERT_AFTER, row, before % this.#slots, before, row.previous);
      return true;
    } catch {
      // `insert` throws any other error.
      return false;
    }
  }

  remove({ slot }: Mark): void {
    this.#storage.sql.exec(`DELETE FROM partyflare_history WHERE slot = ?`, slot);
  }

  /** Whether an event is stored. Its tag is unique to this storage. */
  holds({ offset, tag }: { offset: number; tag: string }): boolean {
    if (!this.isLaidOut) return false;
    try {
      const rows = this.#storage.sql.exec(`SELECT 1 ${HOLDS}`, offset % this.#slots, offset, tag);
      return rows.toArray().length > 0;
    } catch {
      // The table is missing.
      return false;
    }
  }

  /** Returns the row of an offset, without the long columns. */
  at(offset: number): Mark | undefined {
    return this.#mark(`WHERE slot = ? AND offset = ?`, offset % this.#slots, offset);
  }

  /**
   * Returns the first and the last row; undefined if there are none. Offsets have no gaps, so a
   * binary search by slot finds them. It reads a row for each bit of the number of slots, and a few
   * more.
   */
  ends(): { first: Mark; last: Mark } | undefined {
    this.#layOut();
    const lowest = this.#mark(`ORDER BY slot LIMIT 1`);
    const highest = this.#mark(`ORDER BY slot DESC LIMIT 1`);
    if (!lowest || !highest) return undefined;
    // From the lowest slot on, offsets increase with the slots, until behind the last event.
    let [low, high, last] = [lowest.slot, highest.slot, lowest];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = this.#mark(`WHERE slot = ?`, middle);
      if (row?.offset === lowest.offset + middle - lowest.slot) [low, last] = [middle, row];
      else high = middle - 1;
    }
    const first = this.#mark(`WHERE slot > ? ORDER BY slot LIMIT 1`, last.slot) ?? lowest;
    return { first, last };
  }

  /** Yields events in order, read one by one. A ring that begins in the middle has two parts. */
  *events(
    { start, end, name }: { start: number; end: number; name?: string | undefined },
    order: "ASC" | "DESC",
  ): Generator<StoredEvent, void, undefined> {
    if (end < start) return;
    const [from, to] = [start % this.#slots, end % this.#slots];
    const isWhole = from <= to;
    const parts = isWhole
      ? [[from, to]]
      : [
          [from, this.#slots - 1],
          [0, to],
        ];
    if (order === "DESC") parts.reverse();
    const filter = name === undefined ? "" : "AND name = ?";
    const query = `SELECT ${COLUMNS} FROM partyflare_history
      WHERE slot BETWEEN ? AND ? ${filter} ORDER BY slot ${order}`;
    for (const part of parts) {
      const values = name === undefined ? part : [...part, name];
      for (const row of this.#storage.sql.exec<Row>(query, ...values)) yield eventOf(row);
    }
  }

  /** Moves each row to its new slot, if the number of slots has changed. */
  #layOut(): void {
    const before = this.#storedSlots;
    if (before === String(this.#slots)) return;
    this.#isLaidOutAnew = true;
    this.#storage.whenKept(() => (this.#isLaidOutAnew = !this.isLaidOut));
    this.#storage.transaction(() => {
      this.#storage.metadata.set(SLOTS_SETTING, String(this.#slots));
      if (before === undefined) return;
      const { sql } = this.#storage;
      const query = `SELECT ${COLUMNS} FROM partyflare_history ORDER BY offset DESC LIMIT ?`;
      const kept = sql.exec<Row>(query, this.#slots).toArray();
      sql.exec(`DELETE FROM partyflare_history`);
      for (const { slot: _slot, ...row } of kept) {
        sql.exec(INSERT, row.offset % this.#slots, ...Object.values(row));
      }
    });
  }

  get #storedSlots(): string | undefined {
    return this.#storage.metadata.get(SLOTS_SETTING);
  }

  #insert(
    query: string,
    { offset, at, bytes, total, tag, name, audience, frame }: NewRow,
    ...previous: SqlStorageValue[]
  ): void {
    const marks = [offset % this.#slots, offset, at, bytes, total, tag];
    this.#storage.sql.exec(query, ...marks, ...previous, name, audience, frame);
  }

  #mark(rest: string, ...values: SqlStorageValue[]): Mark | undefined {
    const query = `SELECT ${MARKS} FROM partyflare_history ${rest}`;
    return this.#storage.sql.exec<Mark>(query, ...values).toArray()[0];
  }
}

function eventOf({ offset, at, name, frame, bytes, audience, tag }: Row): StoredEvent {
  const stored = audience === null ? EVERYBODY : (JSON.parse(audience) as StoredAudience);
  return { offset, atMs: at, name, frame, bytes, audience: stored, tag };
}
