import type { StoredAudience } from "../../outgoing/audience";
import { randomTag } from "../../storage/metadata";
import type { RoomStorage, Table } from "../../storage/room-storage";

const ENCODER = new TextEncoder();

/** How much is kept. */
export interface RingBounds {
  readonly keepEvents: number;
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** A durable event, as it is stored. */
export interface StoredEvent {
  readonly offset: number;
  readonly atMs: number;
  readonly name: string;
  /** Without its place. */
  readonly frame: string;
  /** Of the frame, as UTF-8. */
  readonly bytes: number;
  readonly audience: StoredAudience;
  readonly tag: string;
}

/** Where an event stands among all others. */
export interface Place {
  /** Counted from 1. */
  readonly offset: number;
  readonly tag: string;
}

/** What is known of the ring without reading it. */
interface Extent {
  /** The last event; offset 0 before the first. */
  head: Place;
  /** The first offset that is kept. */
  first: number;
  /** Bytes of all events up to the head, since the epoch began. */
  total: number;
  /** Bytes of the events that are not kept any more, or fewer. */
  dropped: number;
  latestAtMs: number;
}

/** The columns of a row that are short. */
interface Mark extends Record<string, SqlStorageValue> {
  readonly slot: number;
  readonly offset: number;
  readonly at: number;
  readonly bytes: number;
  readonly total: number;
  readonly tag: string;
  readonly previous: string;
}

interface Row extends Mark {
  readonly name: string;
  readonly audience: string | null;
  readonly frame: string;
}

const MARKS = "slot, offset, at, bytes, total, tag, previous";

const COLUMNS = `${MARKS}, name, audience, frame`;

/**
 * `total` sums the bytes up to each row: how many are kept is known from the first and the last. The
 * frame comes last: SQLite reads the others without it.
 */
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

/** Of an event that never was: see `EventRing.repair`. */
const NOBODY: StoredAudience = { clients: [] };

/**
 * The last events of a room, in a ring of rows: an event overwrites the one that is too old. That
 * writes one row, where a log that deletes writes two. Offsets have no gap, so that the ends of the
 * ring are found by their slots.
 */
export class EventRing {
  readonly #storage: RoomStorage;
  readonly #bounds: RingBounds;
  readonly #now: () => number;
  #extent: Extent | undefined;
  /** The last transaction in which it wrote, or read what that had written. */
  #wroteIn: number | undefined;
  /** No event takes an offset up to this, be its row there or not: see `repair`. */
  #reserved = 0;

  constructor(storage: RoomStorage, bounds: RingBounds, now: () => number) {
    this.#storage = storage;
    this.#bounds = bounds;
    this.#now = now;
  }

  get epoch(): string {
    return this.#storage.epoch.id;
  }

  /** The last event; offset 0 before the first. */
  get head(): Place {
    return this.#current().head;
  }

  /** The first offset that is kept. */
  get first(): number {
    return this.#current().first;
  }

  /** Reads the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#extent = undefined;
  }

  /** Another epoch has begun, whose offsets begin anew. */
  wipe(): void {
    this.#reserved = 0;
    this.forget();
  }

  /** A transaction was rolled back: where nothing was written in it, nothing has changed. */
  rollBack(transactionNumber: number): void {
    if (this.#wroteIn === transactionNumber) this.forget();
  }

  /** Writes an event behind all others. */
  append(name: string, frame: string, audience: StoredAudience): Place {
    this.repair();
    return this.#write(name, frame, audience);
  }

  /**
   * Sees to it that no offset comes to mean two events. Where the app's own transaction was rolled
   * back, rows are gone whose events may have been sent. Others take their places, for nobody. If
   * those are rolled back in their turn, they are written again.
   */
  repair(): void {
    const isFresh = this.#extent === undefined;
    const { head } = this.#current();
    if (!isFresh && head.offset > 0 && !this.#markAt(head.offset)) {
      this.#reserved = head.offset;
      this.forget();
    } else if (head.offset >= this.#reserved) return;
    while (this.#current().head.offset < this.#reserved) this.#write("", "[]", NOBODY);
  }

  /** Whether everything after a place is still there, and the place is of this ring. */
  reachesBackTo({ offset, tag }: Place): boolean {
    if (this.tagAt(offset) !== tag) return false;
    const next = offset < this.head.offset ? this.#markAt(offset + 1) : undefined;
    return next === undefined || next.at >= this.oldestMs;
  }

  /** The tag of an event, known for as long as the next one is stored. */
  tagAt(offset: number): string | undefined {
    const { head, first } = this.#current();
    if (offset === head.offset) return head.tag;
    if (offset < first - 1 || offset > head.offset) return undefined;
    return this.#markAt(offset + 1)?.previous;
  }

  /** The events after an offset, in order: as many as have so many bytes, or at least one. */
  after(offset: number, bytes: number): StoredEvent[] {
    const { head, first } = this.#current();
    const events: StoredEvent[] = [];
    let left = bytes;
    for (const row of this.#rows(Math.max(offset + 1, first), head.offset, "ASC")) {
      left -= row.bytes;
      if (left < 0 && events.length > 0) break;
      events.push(eventOf(row));
    }
    return events;
  }

  /** The events from one offset back to another, the newest first. */
  *newestFirst(end: number, start: number, name?: string): Generator<StoredEvent, void, undefined> {
    for (const row of this.#rows(start, end, "DESC", name)) {
      // Not for those that `repair` has written.
      if (row.name !== "") yield eventOf(row);
    }
  }

  /** The first offset from one on whose event is not too old; behind the head for none. */
  firstKept(start: number): number {
    let [low, high] = [start, this.#current().head.offset + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#markAt(middle)?.at ?? 0) < this.oldestMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Events from before this time are not kept any more. */
  get oldestMs(): number {
    return this.#now() - this.#bounds.keepMs;
  }

  #write(name: string, frame: string, audience: StoredAudience): Place {
    const extent = this.#current();
    const place = { offset: extent.head.offset + 1, tag: randomTag() };
    // A clock that is put back must not make an event older than one before it.
    const atMs = Math.max(this.#now(), extent.latestAtMs);
    const bytes = ENCODER.encode(frame).length;
    const total = extent.total + bytes;
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_history (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#slotOf(place.offset),
      place.offset,
      atMs,
      bytes,
      total,
      place.tag,
      extent.head.tag,
      name,
      audience === EVERYBODY ? null : JSON.stringify(audience),
      frame,
    );
    this.#wroteIn = this.#storage.transactionNumber;
    const first = Math.max(extent.first, place.offset - this.#bounds.keepEvents + 1);
    this.#extent = { ...extent, head: place, first, total, latestAtMs: atMs };
    this.#dropBeyondBytes();
    return place;
  }

  /** What is known, after a look whether the storage is the same. */
  #current(): Extent {
    this.#storage.open(TABLE);
    if (this.#extent) return this.#extent;
    this.#wroteIn = this.#storage.transactionNumber;
    return (this.#extent = this.#load());
  }

  /** Reads a row for each bit of `keepEvents`, and a few more. */
  #load(): Extent {
    this.#layOut();
    const lowest = this.#mark(`ORDER BY slot LIMIT 1`);
    const highest = this.#mark(`ORDER BY slot DESC LIMIT 1`);
    const { tag } = this.#storage.epoch;
    if (!lowest || !highest) {
      return { head: { offset: 0, tag }, first: 1, total: 0, dropped: 0, latestAtMs: 0 };
    }
    // From the lowest slot on, offsets count up with the slots, until behind the head.
    let [low, high, head] = [lowest.slot, highest.slot, lowest];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = this.#mark(`WHERE slot = ?`, middle);
      if (row?.offset === lowest.offset + middle - lowest.slot) [low, head] = [middle, row];
      else high = middle - 1;
    }
    const first = this.#mark(`WHERE slot > ? ORDER BY slot LIMIT 1`, head.slot) ?? lowest;
    return {
      head: { offset: head.offset, tag: head.tag },
      first: first.offset,
      total: head.total,
      dropped: first.total - first.bytes,
      latestAtMs: head.at,
    };
  }

  /** Where `keepEvents` has changed, each event goes to its new slot. */
  #layOut(): void {
    const slots = String(this.#bounds.keepEvents);
    const before = this.#storage.metadata.get(SLOTS_SETTING);
    if (before === slots) return;
    this.#storage.transaction(() => {
      this.#storage.metadata.set(SLOTS_SETTING, slots);
      const { sql } = this.#storage;
      const rows = sql.exec<Row>(
        `SELECT ${COLUMNS} FROM partyflare_history ORDER BY offset DESC LIMIT ?`,
        this.#bounds.keepEvents,
      );
      const kept = before === undefined ? [] : rows.toArray();
      if (kept.length === 0) return;
      sql.exec(`DELETE FROM partyflare_history`);
      for (const { slot: _slot, ...row } of kept) {
        sql.exec(
          `INSERT INTO partyflare_history (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          this.#slotOf(row.offset),
          ...Object.values(row),
        );
      }
    });
  }

  /** Looks at the first rows only where it may be too much: `dropped` is then made exact. */
  #dropBeyondBytes(): void {
    const extent = this.#current();
    while (
      extent.total - extent.dropped > this.#bounds.keepBytes &&
      extent.first < extent.head.offset
    ) {
      const row = this.#markAt(extent.first);
      if (row && extent.total - (row.total - row.bytes) > this.#bounds.keepBytes) {
        this.#storage.sql.exec(`DELETE FROM partyflare_history WHERE slot = ?`, row.slot);
        extent.first += 1;
        extent.dropped = row.total;
      } else {
        extent.dropped = row ? row.total - row.bytes : extent.dropped;
        return;
      }
    }
  }

  #slotOf(offset: number): number {
    return offset % this.#bounds.keepEvents;
  }

  #markAt(offset: number): Mark | undefined {
    return this.#mark(`WHERE slot = ? AND offset = ?`, this.#slotOf(offset), offset);
  }

  #mark(rest: string, ...values: SqlStorageValue[]): Mark | undefined {
    const query = `SELECT ${MARKS} FROM partyflare_history ${rest}`;
    return this.#storage.sql.exec<Mark>(query, ...values).toArray()[0];
  }

  /** The ring may begin in the middle of its rows: then there are two stretches. */
  *#rows(
    start: number,
    end: number,
    order: "ASC" | "DESC",
    name?: string,
  ): Generator<Row, void, undefined> {
    if (end < start) return;
    const [from, to] = [this.#slotOf(start), this.#slotOf(end)];
    const whole: [number, number][] = [[from, to]];
    const last = this.#bounds.keepEvents - 1;
    const stretches: [number, number][] =
      from <= to
        ? whole
        : [
            [from, last],
            [0, to],
          ];
    if (order === "DESC") stretches.reverse();
    const filter = name === undefined ? "" : "AND name = ?";
    const query = `SELECT ${COLUMNS} FROM partyflare_history
      WHERE slot BETWEEN ? AND ? ${filter} ORDER BY slot ${order}`;
    for (const stretch of stretches) {
      const values = name === undefined ? stretch : [...stretch, name];
      yield* this.#storage.sql.exec<Row>(query, ...values);
    }
  }
}

/** The audience of an event that is for all. */
export const EVERYBODY: StoredAudience = {};

function eventOf({ offset, at, name, frame, bytes, audience, tag }: Row): StoredEvent {
  const stored = audience === null ? EVERYBODY : (JSON.parse(audience) as StoredAudience);
  return { offset, atMs: at, name, frame, bytes, audience: stored, tag };
}
