import type { PartyError } from "@partyflare/shared";
import {
  decodePosition,
  durableFrame,
  MAX_HISTORY_PAGE,
  MAX_REPLAY_BYTES,
  mistake,
  type WireHistory,
} from "@partyflare/shared/internal";
import {
  type Audience,
  type Capability,
  type Delivery,
  type Host,
  isInAudience,
  type OutgoingEvent,
  type RoomConnection,
  storedAudienceOf,
} from "../capability";
import { EventRing, type RingBounds, type RingEnds } from "./event-ring";
import { EVERYBODY, type StoredEvent } from "./ring-table";
import { Replay, type Start } from "./replay";

/** A past event without its types. */
interface PastEvent {
  readonly event: string;
  readonly data: unknown;
  readonly offset: number;
  readonly atMs: number;
}

/** The options of a history, with defaults filled in. */
export interface DurableOptions extends RingBounds {
  readonly events: readonly string[];
  readonly onJoin: number;
  /** Whether clients may read pages of the history. */
  readonly clients: boolean;
}

const DEFAULT_PAGE = 50;

/** The shortest interval between two pages of a connection, in ms: that of replay messages. */
const PAGE_EVERY_MS = 20;

/**
 * The delay after an event before the room checks that it is still stored, in ms. One check covers
 * all events in between.
 */
const CHECK_AFTER_MS = 50;

/** The bytes that are read for one page, with events of other audiences. */
const MAX_READ_BYTES = 4 * MAX_REPLAY_BYTES;

/**
 * The capability of `history()`: it writes durable events, and replays those that clients missed.
 */
export class DurableEvents implements Capability {
  readonly name = "history";
  readonly events: ReadonlySet<string>;
  readonly calls: Capability["calls"];
  readonly #host: Host;
  readonly #ring: EventRing;
  readonly #replay: Replay;
  readonly #onJoin: number;
  /** The starts of connections that have `$hello` and are not listed yet. */
  readonly #starts = new WeakMap<RoomConnection, Start>();
  readonly #pagedAtMs = new WeakMap<RoomConnection, number>();
  #isToBeChecked = false;

  constructor(host: Host, { events, onJoin, clients, ...bounds }: DurableOptions) {
    this.events = new Set(events);
    this.calls = clients
      ? { $history: (connection, input) => this.#page(connection, input) }
      : undefined;
    this.#host = host;
    this.#onJoin = onJoin;
    this.#ring = new EventRing(host.storage, bounds, () => host.now());
    this.#replay = new Replay(this.#ring, (connection) => {
      host.send([connection], () => this.#lost());
    });
  }

  /** The last offset; 0 before the first event. */
  get head(): number {
    return this.#ring.look().head.offset;
  }

  read(options: { before?: number; limit?: number } = {}): PastEvent[] {
    const { before, limit } = pageOf(options);
    const { head, first } = this.#ring.look();
    const end = Math.min(before - 1, head.offset);
    const start = Math.max(first, end - limit + 1);
    const events = [...this.#ring.newestFirst(end, start)];
    return events
      .filter(({ atMs }) => atMs >= this.#ring.oldestMs)
      .map(pastEvent)
      .toReversed();
  }

  onStart(): void {
    this.#host.storage.checkSqlite();
  }

  onHello(connection: RoomConnection, asked: string): WireHistory {
    const ends = this.#ring.look();
    const position = decodePosition(asked);
    const recovered =
      position !== null &&
      position.epoch === this.#host.storage.epoch.id &&
      this.#ring.reachesBackTo(position);
    const offset = recovered ? position.offset : this.#startOf(ends, asked);
    this.#starts.set(connection, { offset, isResumed: recovered });
    const { id: epoch } = this.#host.storage.epoch;
    const tag = recovered ? position.tag : this.#ring.tagAt(offset);
    return { epoch, offset, tag, ...(asked !== "" && { recovered }) };
  }

  afterHello(connection: RoomConnection): void {
    const start = this.#starts.get(connection);
    if (start) this.#replay.start(connection, start);
  }

  onChange(connection: RoomConnection): void {
    this.#replay.checkTags(connection);
  }

  afterConnect(connection: RoomConnection): void {
    this.#replay.forgetTags(connection);
  }

  onEmit({ name, frame, audience }: OutgoingEvent): Delivery {
    const stored = this.#storedAudienceOf(audience);
    const place = this.#ring.append(name, frame, stored);
    this.#checkSoon();
    return { frame: durableFrame(frame, place), to: this.#receiversOf(stored) };
  }

  onRollback(transactionNumber: number): void {
    this.#ring.rollBack(transactionNumber);
  }

  onWiped(): void {
    this.#ring.startAnew();
    this.#replay.endAll();
    this.#host.send(this.#host.subscribers(), () => this.#lost());
  }

  /** Returns the start of a client without a position, or with one that the room cannot resume. */
  #startOf({ head, first }: RingEnds, asked: string): number {
    if (asked !== "") return head.offset;
    return this.#ring.firstKept(Math.max(first, head.offset - this.#onJoin + 1)) - 1;
  }

  /** The answer for a client that may have missed any event up to the head. */
  #lost(): WireHistory {
    const { head } = this.#ring.look();
    return { epoch: this.#host.storage.epoch.id, ...head, recovered: false };
  }

  #storedAudienceOf(audience: Audience): typeof EVERYBODY {
    if (Object.keys(audience).length === 0) return EVERYBODY;
    return storedAudienceOf({ get: (id) => this.#host.connection(id) }, audience);
  }

  *#receiversOf(audience: typeof EVERYBODY): Generator<RoomConnection, void, undefined> {
    const { clients } = audience;
    const near = clients
      ? clients.flatMap((client) => [...this.#host.connectionsOf(client)])
      : this.#host.connections();
    for (const connection of near) {
      if (audience !== EVERYBODY && !isInAudience(connection, audience)) continue;
      if (!this.#replay.isRunning(connection)) yield connection;
    }
  }

  /**
   * Schedules a check of the ring. The app may roll back a transaction of its own, without notice
   * to the library. Each read or write of the ring detects that. Without one, this check does,
   * before the room hibernates and forgets which offsets it has sent.
   */
  #checkSoon(): void {
    if (this.#isToBeChecked) return;
    this.#isToBeChecked = true;
    this.#host.later(() => {
      this.#isToBeChecked = false;
      this.#ring.check();
    }, CHECK_AFTER_MS);
  }

  /**
   * Reads a page that the client may see. The next page waits until the client has read this one
   * and other connections had their turn, since one message may ask for a thousand.
   */
  async #page(connection: RoomConnection, input: unknown): Promise<Page> {
    if (input !== undefined && (typeof input !== "object" || Array.isArray(input))) {
      throw invalid("A page is `{ event?, before?, limit? }`.");
    }
    const query = pageOf((input ?? {}) as Record<string, unknown>);
    if (query.event !== undefined && !this.events.has(query.event)) {
      throw invalid("No such durable event.");
    }
    const sinceLastMs = this.#host.now() - (this.#pagedAtMs.get(connection) ?? -Infinity);
    if (Math.abs(sinceLastMs) < PAGE_EVERY_MS || connection.isBehind) {
      await this.#replay.pause(connection);
    }
    this.#pagedAtMs.set(connection, this.#host.now());
    return this.#readPage(connection, query);
  }

  /** Limited in rows, in bytes that are read, and in bytes that are sent. */
  #readPage(connection: RoomConnection, { before, limit, event }: PageQuery): Page {
    const { head, first } = this.#ring.look();
    const { oldestMs } = this.#ring;
    const end = Math.min(before - 1, head.offset);
    const start = Math.max(first, end - MAX_HISTORY_PAGE + 1);
    const found: StoredEvent[] = [];
    let [readBytes, bytes, reached] = [0, 0, end + 1];
    const page = (next?: number) => ({ events: found.map(pastEvent).toReversed(), next });
    for (const stored of this.#ring.newestFirst(end, start, event)) {
      if (stored.atMs < oldestMs) return page();
      if (readBytes > MAX_READ_BYTES) return page(reached);
      readBytes += stored.bytes;
      const isVisible = isInAudience(connection, stored.audience);
      if (isVisible && found.length > 0 && bytes + stored.bytes > MAX_REPLAY_BYTES) {
        return page(reached);
      }
      reached = stored.offset;
      if (!isVisible) continue;
      bytes += stored.bytes;
      found.push(stored);
      if (found.length === limit) return page(reached > first ? reached : undefined);
    }
    return page(start > first ? start : undefined);
  }
}

/** A client's request for a page. */
interface PageQuery {
  readonly before: number;
  readonly limit: number;
  readonly event: string | undefined;
}

/** The answer with a page. */
interface Page {
  readonly events: PastEvent[];
  /** The `before` of the next page; undefined at the oldest stored event. */
  readonly next: number | undefined;
}

function pageOf({
  before = Infinity,
  limit = DEFAULT_PAGE,
  event,
}: Record<string, unknown>): PageQuery {
  const isOffset = before === Infinity || (Number.isSafeInteger(before) && Number(before) >= 0);
  if (!isOffset) throw invalid("`before` is an offset: a whole number, 0 or more.");
  if (!Number.isSafeInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_HISTORY_PAGE) {
    throw invalid(`\`limit\` is a whole number from 1 to ${MAX_HISTORY_PAGE}.`);
  }
  if (event !== undefined && typeof event !== "string") throw invalid("`event` is a name.");
  return { before: Number(before), limit: Number(limit), event };
}

function pastEvent({ offset, atMs, frame }: StoredEvent): PastEvent {
  const [event, data] = JSON.parse(frame) as [string, unknown];
  return { event, data, offset, atMs };
}

function invalid(message: string): PartyError {
  return mistake("invalid", { message });
}
