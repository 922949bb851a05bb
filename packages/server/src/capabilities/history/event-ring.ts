import { randomTag, utf8Length } from "@partyflare/shared/internal";
import type { RoomStorage, StoredAudience } from "../capability";
import { EVERYBODY, type NewRow, RingTable, type StoredEvent } from "./ring-table";

/** The limits of a ring. */
export interface RingBounds {
  readonly keepEvents: number;
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** The place of an event among all others. */
export interface Place {
  /** Counted from 1. */
  readonly offset: number;
  readonly tag: string;
}

/** The ends of a ring. */
export interface RingEnds {
  /** The last event; offset 0 before the first. */
  readonly head: Place;
  /** The first stored offset. */
  readonly first: number;
}

/** A cache of the ring's extent. */
interface Extent extends RingEnds {
  /** Bytes of all events up to the head, since the epoch began. */
  readonly total: number;
  /** Bytes of the events that are no longer stored, or fewer. */
  readonly dropped: number;
  readonly latestAtMs: number;
}

/** The data of an event to write. */
interface NewEvent {
  readonly name: string;
  readonly frame: string;
  readonly audience: StoredAudience;
}

/** An event with an empty audience: see `#repair`. */
const NEVER_WAS: NewEvent = { name: "", frame: "[]", audience: { clients: [] } };

/** The last durable events of a room, within its limits. */
export class EventRing {
  readonly #storage: RoomStorage;
  readonly #table: RingTable;
  readonly #bounds: RingBounds;
  readonly #now: () => number;
  #extent: Extent | undefined;
  /** The last offset that may have been sent since the room woke. Offsets up to it are used. */
  #sent = 0;
  /** Offsets of events that are sent when the running transaction commits, in order. */
  #toBeSent: number[] = [];
  /** The last transaction in which the ring wrote, or read such writes. */
  #wroteIn: number | undefined;

  constructor(storage: RoomStorage, bounds: RingBounds, now: () => number) {
    this.#storage = storage;
    this.#table = new RingTable(storage, bounds.keepEvents);
    this.#bounds = bounds;
    this.#now = now;
  }

  /**
   * Returns the ends of the ring. Call it before each unit of work: only this method checks the
   * storage for a wipe.
   */
  look(): RingEnds {
    this.#repair();
    return this.#known;
  }

  /** Resets the ring for a new epoch, whose offsets start again. */
  startAnew(): void {
    this.#extent = undefined;
    this.#sent = 0;
    this.#toBeSent = [];
  }

  /**
   * Handles the rollback of a transaction. If the ring wrote nothing in it, nothing has changed.
   */
  rollBack(transactionNumber: number): void {
    if (this.#wroteIn === transactionNumber) this.#extent = undefined;
  }

  /** Appends an event. */
  append(name: string, frame: string, audience: StoredAudience): Place {
    const event = { name, frame, audience };
    let place = this.#writeAfterHead(event);
    if (!place) {
      this.#repair();
      place = this.#write(event);
    }
    this.#willBeSent(place);
    return place;
  }

  /** Checks that the storage matches the cache, and repairs it. It does not handle a wipe. */
  check(): void {
    if (!this.#isIntact && !this.#storage.isEmpty) this.#repair();
  }

  /** Whether the storage holds the last known event. Reads one row, and writes nothing. */
  get #isIntact(): boolean {
    const { head } = this.#extent ?? {};
    if (!head) return false;
    return head.offset === 0 ? this.#table.isLaidOut : this.#table.holds(head);
  }

  /**
   * Makes sure that no offset is used for two events. After a rollback by the app, rows are missing
   * whose events may have been sent. Placeholders with an empty audience take their places.
   */
  #repair(): void {
    this.#table.open();
    if (!this.#isIntact) this.#extent = undefined;
    // Queued events may be lost too, by a rollback of a nested transaction of the app.
    const taken = Math.max(this.#sent, this.#toBeSent.at(-1) ?? 0);
    while (this.#known.head.offset < taken) this.#write(NEVER_WAS);
  }

  /** Whether all events after a place are stored, and the place belongs to this ring. */
  reachesBackTo({ offset, tag }: Place): boolean {
    const { head, first } = this.#known;
    if (offset === head.offset) return tag === head.tag;
    const next =
      offset >= first - 1 && offset < head.offset ? this.#table.at(offset + 1) : undefined;
    return next?.previous === tag && next.at >= this.oldestMs;
  }

  /** Returns the tag of a stored event, or of the last one before the first stored event. */
  tagAt(offset: number): string {
    const { head } = this.#known;
    return (offset < head.offset && this.#table.at(offset + 1)?.previous) || head.tag;
  }

  /** Returns the events after an offset, in order, up to a number of bytes, and at least one. */
  after(offset: number, bytes: number): StoredEvent[] {
    const { head, first } = this.#known;
    const events: StoredEvent[] = [];
    let left = bytes;
    const start = Math.max(offset + 1, first);
    for (const event of this.#table.events({ start, end: head.offset }, "ASC")) {
      left -= event.bytes;
      if (left < 0 && events.length > 0) break;
      events.push(event);
    }
    return events;
  }

  /** Yields the events from one offset back to another, newest first. */
  *newestFirst(end: number, start: number, name?: string): Generator<StoredEvent, void, undefined> {
    for (const event of this.#table.events({ start, end, name }, "DESC")) {
      // Skips the placeholders of `#repair`.
      if (event.name !== "") yield event;
    }
  }

  /**
   * Returns the first offset from `start` on whose event has not expired; one behind the head if
   * there is none.
   */
  firstKept(start: number): number {
    // The usual case, which needs no search.
    if ((this.#table.at(start)?.at ?? 0) >= this.oldestMs) return start;
    let [low, high] = [start, this.#known.head.offset + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#table.at(middle)?.at ?? 0) < this.oldestMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Events from before this time have expired. */
  get oldestMs(): number {
    return this.#now() - this.#bounds.keepMs;
  }

  get #known(): Extent {
    if (this.#extent) return this.#extent;
    this.#wroteIn = this.#storage.transactionNumber;
    const ends = this.#table.ends();
    if (!ends) {
      const head = { offset: 0, tag: this.#storage.epoch.tag };
      return (this.#extent = { head, first: 1, total: 0, dropped: 0, latestAtMs: 0 });
    }
    const { first, last } = ends;
    return (this.#extent = {
      head: { offset: last.offset, tag: last.tag },
      first: first.offset,
      total: last.total,
      dropped: first.total - first.bytes,
      latestAtMs: last.at,
    });
  }

  #willBeSent({ offset }: Place): void {
    this.#toBeSent.push(offset);
    const send = () => {
      this.#sent = Math.max(this.#sent, offset);
      if (this.#toBeSent.at(-1) === offset) this.#toBeSent = [];
    };
    // Later events are rolled back too.
    const drop = () => {
      while ((this.#toBeSent.at(-1) ?? 0) >= offset) this.#toBeSent.pop();
    };
    this.#storage.afterCommit(send, drop);
  }

  /** Writes an event if the last known one is stored; otherwise returns undefined. */
  #writeAfterHead(event: NewEvent): Place | undefined {
    const { head } = this.#extent ?? {};
    if (!head || head.offset === 0 || head.offset < this.#sent) return undefined;
    const row = this.#rowOf(event);
    return this.#table.insertAfter(row) ? this.#wrote(row) : undefined;
  }

  #write(event: NewEvent): Place {
    const row = this.#rowOf(event);
    this.#table.insert(row);
    return this.#wrote(row);
  }

  #rowOf({ name, frame, audience }: NewEvent): NewRow {
    const { head, total, latestAtMs } = this.#known;
    const stored = audience === EVERYBODY ? null : JSON.stringify(audience);
    const bytes = utf8Length(frame) + (stored?.length ?? 0);
    return {
      offset: head.offset + 1,
      tag: randomTag(),
      previous: head.tag,
      // If the clock is set back, an event must not be older than the one before it.
      at: Math.max(this.#now(), latestAtMs),
      bytes,
      total: total + bytes,
      name,
      audience: stored,
      frame,
    };
  }

  #wrote({ offset, tag, at, total }: NewRow): Place {
    const { first, dropped } = this.#known;
    this.#wroteIn = this.#storage.transactionNumber;
    const kept = Math.max(first, offset - this.#bounds.keepEvents + 1);
    const head = { offset, tag };
    this.#extent = this.#trimmed({ head, first: kept, total, dropped, latestAtMs: at });
    return head;
  }

  /**
   * Drops the first events while there are too many bytes. It reads rows only if the cache shows
   * too many.
   */
  #trimmed(extent: Extent): Extent {
    const { head, total } = extent;
    let { first, dropped } = extent;
    while (total - dropped > this.#bounds.keepBytes && first < head.offset) {
      const row = this.#table.at(first);
      if (!row) break;
      // Rows before it were overwritten, and count no longer.
      dropped = row.total - row.bytes;
      if (total - dropped <= this.#bounds.keepBytes) break;
      this.#table.remove(row);
      first += 1;
      dropped = row.total;
    }
    return { ...extent, first, dropped };
  }
}
