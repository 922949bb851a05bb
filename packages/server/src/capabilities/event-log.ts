import { fingerprintOf, withOffset } from "@partyflare/shared";
import type { Audience } from "../outgoing/audience";
import { Settings } from "./settings";

const ENCODER = new TextEncoder();

/** How much is kept. */
export interface LogBounds {
  readonly keepEvents: number;
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** A durable event, as it is stored. */
export interface StoredEvent {
  readonly offset: number;
  readonly atMs: number;
  readonly name: string;
  /** Without its offset. */
  readonly frame: string;
  readonly audience: Audience;
  /** The fingerprint of the event before it; empty for the first of all. */
  readonly previous: string;
}

/** What is known of the log without asking the storage. */
interface Extent {
  readonly epoch: string;
  /** The last offset; 0 before the first event. */
  head: number;
  /** The first offset that is kept. */
  first: number;
  /** Of all that is kept. */
  bytes: number;
  latestAtMs: number;
  /** Of the last event; empty before the first. */
  fingerprint: string;
  /** The bytes of each event, by its slot. */
  readonly sizes: number[];
}

/**
 * The last events of a room, in a ring of rows: an event overwrites the one that is too old, which
 * costs one written row, where a log that deletes costs two.
 */
export class EventLog {
  readonly #storage: DurableObjectStorage;
  readonly #bounds: LogBounds;
  readonly #now: () => number;
  #extent: Extent | undefined;
  /** Called when the log has found its storage empty, and another epoch has begun. */
  onNewEpoch: () => void = () => {};

  constructor(storage: DurableObjectStorage, bounds: LogBounds, now: () => number) {
    this.#storage = storage;
    this.#bounds = bounds;
    this.#now = now;
  }

  get epoch(): string {
    return this.#known.epoch;
  }

  /** The last offset; 0 before the first event. */
  get head(): number {
    return this.#known.head;
  }

  /** Asks the storage again, the next time that anything is to be known. */
  forget(): void {
    this.#extent = undefined;
  }

  /** Whether the storage has been wiped while this was in memory. */
  get isWiped(): boolean {
    const [tables] = this.#storage.sql
      .exec(`SELECT count(*) AS count FROM sqlite_master WHERE name = 'partyflare_events'`)
      .toArray();
    return tables?.["count"] === 0;
  }

  /** Writes an event behind all others. */
  append(name: string, frame: string, audience: Audience): number {
    const extent = this.#known;
    const offset = extent.head + 1;
    const slot = offset % this.#bounds.keepEvents;
    // A clock that goes back must not make an event older than one before it.
    const atMs = Math.max(this.#now(), extent.latestAtMs);
    const bytes = ENCODER.encode(frame).length;
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO partyflare_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      slot,
      offset,
      atMs,
      bytes,
      name,
      frame,
      Object.keys(audience).length > 0 ? JSON.stringify(audience) : null,
      extent.fingerprint,
    );
    const isFull = offset - extent.first === this.#bounds.keepEvents;
    extent.bytes += bytes - (isFull ? (extent.sizes[slot] ?? 0) : 0);
    if (isFull) extent.first += 1;
    extent.sizes[slot] = bytes;
    extent.head = offset;
    extent.latestAtMs = atMs;
    extent.fingerprint = fingerprintOf(withOffset(frame, offset));
    this.#dropBeyondBytes(extent);
    return offset;
  }

  /** Whether everything after an offset is still there. */
  reachesBackTo(offset: number): boolean {
    const { head, first } = this.#known;
    if (offset >= head) return offset === head;
    const next = offset + 1 >= first ? this.#at(offset + 1) : undefined;
    return next !== undefined && next.atMs >= this.#oldestMs;
  }

  /**
   * The fingerprint of an event, which is known for as long as the one after it is stored; empty where it
   * is not, and for the offset 0.
   */
  fingerprintAt(offset: number): string {
    const { head, first, fingerprint } = this.#known;
    if (offset === head) return fingerprint;
    return (offset + 1 >= first && offset < head && this.#at(offset + 1)?.previous) || "";
  }

  /** The events after an offset, in order: as many as have `length` UTF-16 units, or at least one. */
  after(offset: number, length: number): StoredEvent[] {
    const { head, first, sizes } = this.#known;
    const start = Math.max(offset + 1, first);
    let end = start;
    for (let total = 0; end <= head; end += 1) {
      total += sizes[end % this.#bounds.keepEvents] ?? 0;
      if (total > length && end > start) break;
    }
    return this.#range(start, end - 1);
  }

  /** The events before an offset, in order: the last `limit` of those that are not too old. */
  before(offset: number, limit: number): StoredEvent[] {
    const { head, first } = this.#known;
    const end = Math.min(offset - 1, head);
    const start = Math.max(end - limit + 1, first);
    return this.#range(start, end).filter(({ atMs }) => atMs >= this.#oldestMs);
  }

  get #oldestMs(): number {
    return this.#now() - this.#bounds.keepMs;
  }

  get #known(): Extent {
    return (this.#extent ??= this.#load());
  }

  #load(): Extent {
    const { sql } = this.#storage;
    const settings = new Settings(this.#storage);
    sql.exec(`CREATE TABLE IF NOT EXISTS partyflare_events (slot INTEGER PRIMARY KEY,
      offset INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL, name TEXT NOT NULL,
      frame TEXT NOT NULL, audience TEXT, previous TEXT NOT NULL)`);
    const slots = settings.get("slots");
    if (slots !== String(this.#bounds.keepEvents)) {
      if (slots !== undefined) this.#layOut();
      settings.set("slots", String(this.#bounds.keepEvents));
    }
    let isNew = false;
    const extent: Extent = {
      epoch: settings.epoch(() => (isNew = true)),
      head: 0,
      first: Infinity,
      bytes: 0,
      latestAtMs: 0,
      fingerprint: "",
      sizes: [],
    };
    const rows = sql.exec<{ slot: number; offset: number; at: number; bytes: number }>(
      `SELECT slot, offset, at, bytes FROM partyflare_events`,
    );
    for (const { slot, offset, at, bytes } of rows) {
      extent.head = Math.max(extent.head, offset);
      extent.first = Math.min(extent.first, offset);
      extent.latestAtMs = Math.max(extent.latestAtMs, at);
      extent.bytes += bytes;
      extent.sizes[slot] = bytes;
    }
    if (extent.first === Infinity) extent.first = 1;
    this.#extent = extent;
    const last = extent.head > 0 ? this.#at(extent.head) : undefined;
    if (last) extent.fingerprint = fingerprintOf(withOffset(last.frame, last.offset));
    if (isNew) this.onNewEpoch();
    return extent;
  }

  /** `keepEvents` has changed since the ring was laid out: each event goes where it is looked for. */
  #layOut(): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      const rows = sql
        .exec(
          `SELECT * FROM partyflare_events ORDER BY offset DESC LIMIT ?`,
          this.#bounds.keepEvents,
        )
        .toArray();
      sql.exec(`DELETE FROM partyflare_events`);
      for (const { slot: _slot, ...row } of rows) {
        const slot = Number(row["offset"]) % this.#bounds.keepEvents;
        sql.exec(
          `INSERT INTO partyflare_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          slot,
          ...Object.values(row),
        );
      }
    });
  }

  #dropBeyondBytes(extent: Extent): void {
    while (extent.bytes > this.#bounds.keepBytes && extent.first < extent.head) {
      const slot = extent.first % this.#bounds.keepEvents;
      this.#storage.sql.exec(`DELETE FROM partyflare_events WHERE slot = ?`, slot);
      extent.bytes -= extent.sizes[slot] ?? 0;
      extent.sizes[slot] = 0;
      extent.first += 1;
    }
  }

  #at(offset: number): StoredEvent | undefined {
    return this.#range(offset, offset)[0];
  }

  /** The ring may begin in the middle of its rows: then there are two stretches. */
  #range(start: number, end: number): StoredEvent[] {
    if (end < start) return [];
    const [from, to] = [start % this.#bounds.keepEvents, end % this.#bounds.keepEvents];
    const stretches =
      from <= to
        ? [[from, to]]
        : [
            [from, this.#bounds.keepEvents - 1],
            [0, to],
          ];
    return stretches.flatMap(([low = 0, high = 0]) => this.#inSlots(low, high));
  }

  #inSlots(low: number, high: number): StoredEvent[] {
    const rows = this.#storage.sql.exec<{
      offset: number;
      at: number;
      name: string;
      frame: string;
      audience: string | null;
      previous: string;
    }>(
      `SELECT offset, at, name, frame, audience, previous FROM partyflare_events
       WHERE slot BETWEEN ? AND ? ORDER BY slot`,
      low,
      high,
    );
    return Array.from(rows, ({ at, audience, ...event }) => ({
      ...event,
      atMs: at,
      audience: audience === null ? {} : (JSON.parse(audience) as Audience),
    }));
  }
}
