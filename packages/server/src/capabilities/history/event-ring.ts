import { randomTag, utf8Length } from "@partyflare/shared/internal";
import type { RoomStorage, StoredAudience } from "../capability";
import { EVERYBODY, type NewRow, RingTable, type StoredEvent } from "./ring-table";

/** How much is kept. */
export interface RingBounds {
  readonly keepEvents: number;
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** Where an event stands among all others. */
export interface Place {
  /** Counted from 1. */
  readonly offset: number;
  readonly tag: string;
}

/** Where the ring begins and ends. */
export interface RingEnds {
  /** The last event; offset 0 before the first. */
  readonly head: Place;
  /** The first offset that is kept. */
  readonly first: number;
}

/** What is known of the ring without reading it. */
interface Extent extends RingEnds {
  /** Bytes of all events up to the head, since the epoch began. */
  readonly total: number;
  /** Bytes of the events that are not kept any more, or fewer. */
  readonly dropped: number;
  readonly latestAtMs: number;
}

/** What is written of one. */
interface NewEvent {
  readonly name: string;
  readonly frame: string;
  readonly audience: StoredAudience;
}

/** An event for nobody: see `#repair`. */
const NEVER_WAS: NewEvent = { name: "", frame: "[]", audience: { clients: [] } };

/** The last durable events of a room, within the bounds of what is kept. */
export class EventRing {
  readonly #storage: RoomStorage;
  readonly #table: RingTable;
  readonly #bounds: RingBounds;
  readonly #now: () => number;
  #extent: Extent | undefined;
  /** The last offset that may have been sent in this life of the room: none after it is free. */
  #sent = 0;
  /** Offsets of events that are sent when the running transaction is committed, in their order. */
  #toBeSent: number[] = [];
  /** The last transaction in which it wrote, or read what that had written. */
  #wroteIn: number | undefined;

  constructor(storage: RoomStorage, bounds: RingBounds, now: () => number) {
    this.#storage = storage;
    this.#table = new RingTable(storage, bounds.keepEvents);
    this.#bounds = bounds;
    this.#now = now;
  }

  /**
   * Where the ring stands. Asked for before each piece of work: it looks whether the storage is the
   * same, which nothing else here does.
   */
  look(): RingEnds {
    this.#repair();
    return this.#known;
  }

  /** Another epoch has begun, whose offsets count anew. */
  startAnew(): void {
    this.#extent = undefined;
    this.#sent = 0;
    this.#toBeSent = [];
  }

  /** A transaction was rolled back: where nothing was written in it, nothing has changed. */
  rollBack(transactionNumber: number): void {
    if (this.#wroteIn === transactionNumber) this.#extent = undefined;
  }

  /** Writes an event behind all others. */
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

  /** Looks whether the storage is as it is known, and mends it where it is not. Not for a wiped one. */
  check(): void {
    if (!this.#isIntact && !this.#storage.isEmpty) this.#repair();
  }

  /** Whether the storage holds the last event that is known. Reads one row, and writes nothing. */
  get #isIntact(): boolean {
    const { head } = this.#extent ?? {};
    if (!head) return false;
    return head.offset === 0 ? this.#table.isLaidOut : this.#table.holds(head);
  }

  /**
   * Sees to it that no offset comes to mean two events. Where the app's own transaction was rolled
   * back, rows are gone whose events may have been sent. Others take their places, for nobody.
   */
  #repair(): void {
    this.#table.open();
    if (!this.#isIntact) this.#extent = undefined;
    // Those that wait for a transaction's end may be gone too: by one of the app's own within it.
    const taken = Math.max(this.#sent, this.#toBeSent.at(-1) ?? 0);
    while (this.#known.head.offset < taken) this.#write(NEVER_WAS);
  }

  /** Whether everything after a place is still there, and the place is of this ring. */
  reachesBackTo({ offset, tag }: Place): boolean {
    const { head, first } = this.#known;
    if (offset === head.offset) return tag === head.tag;
    const next =
      offset >= first - 1 && offset < head.offset ? this.#table.at(offset + 1) : undefined;
    return next?.previous === tag && next.at >= this.oldestMs;
  }

  /** The tag of an event that is kept, or of the one before the first of those. */
  tagAt(offset: number): string {
    const { head } = this.#known;
    return (offset < head.offset && this.#table.at(offset + 1)?.previous) || head.tag;
  }

  /** The events after an offset, in order: as many as have so many bytes, or at least one. */
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

  /** The events from one offset back to another, the newest first. */
  *newestFirst(end: number, start: number, name?: string): Generator<StoredEvent, void, undefined> {
    for (const event of this.#table.events({ start, end, name }, "DESC")) {
      // Not for those that `#repair` has written.
      if (event.name !== "") yield event;
    }
  }

  /** The first offset from one on whose event is not too old; behind the head for none. */
  firstKept(start: number): number {
    // Nearly always: then the others need no look.
    if ((this.#table.at(start)?.at ?? 0) >= this.oldestMs) return start;
    let [low, high] = [start, this.#known.head.offset + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#table.at(middle)?.at ?? 0) < this.oldestMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Events from before this time are not kept any more. */
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
    // What was emitted after it is rolled back with it.
    const drop = () => {
      while ((this.#toBeSent.at(-1) ?? 0) >= offset) this.#toBeSent.pop();
    };
    this.#storage.afterCommit(send, drop);
  }

  /** Writes an event, if the last one that is known is stored; undefined where it is not. */
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
      // A clock that is put back must not make an event older than one before it.
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

  /** Drops the first events while there are too many bytes. Rows are read only where it seems so. */
  #trimmed(extent: Extent): Extent {
    const { head, total } = extent;
    let { first, dropped } = extent;
    while (total - dropped > this.#bounds.keepBytes && first < head.offset) {
      const row = this.#table.at(first);
      if (!row) break;
      // Those before it were overwritten, and are not counted any more.
      dropped = row.total - row.bytes;
      if (total - dropped <= this.#bounds.keepBytes) break;
      this.#table.remove(row);
      first += 1;
      dropped = row.total;
    }
    return { ...extent, first, dropped };
  }
}
