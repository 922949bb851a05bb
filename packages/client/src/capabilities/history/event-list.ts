import type { Contract, PartyError, ServerEvent, ServerEventName } from "@partyflare/shared";
import type { Stop } from "../../connection/emitter";
import type { Room } from "../../room/room";
import { history, type PastEvent } from "./history";

/** A durable event in a list. */
export interface ListedEvent<Data> extends Omit<PastEvent<Data>, "atMs"> {
  /**
   * When the room emitted the event, in ms since 1970, by the room's clock. It is undefined for
   * events that arrived live. If a page shows times, put the time into the event's data.
   */
  readonly atMs?: number;
}

/** Options of an event list. */
export interface EventListOptions {
  /** The size of a page, at most 1,000 events. Default: 50. */
  limit?: number | undefined;
  /** The most events in the list, 1 or more. Older ones are removed. Default: no limit. */
  keep?: number | undefined;
}

/**
 * The state of a list of a room's durable events of one name. Every change creates a new object.
 */
export interface EventListState<Data> {
  /** The events in order, without gaps or duplicates. */
  readonly events: readonly ListedEvent<Data>[];
  /**
   * Whether `loadMore` may add earlier events. False before the first page has arrived, and while
   * the list is full (`keep`).
   */
  readonly hasMore: boolean;
  /** Whether a page is loading, or waits for the room to be open. */
  readonly isLoading: boolean;
  /** The error of the latest page, if it failed. */
  readonly error: PartyError | undefined;
}

type Change<Data> = Partial<Omit<EventListState<Data>, "hasMore">>;

/** The state of a list that has loaded nothing. */
export const FIRST_LIST: EventListState<never> = {
  events: [],
  hasMore: false,
  isLoading: true,
  error: undefined,
};

/** The default page size of `history`. */
const DEFAULT_LIMIT = 50;

/**
 * A list of the durable events of one name that this client may see. It starts with the latest
 * events. New events and earlier pages extend it. It is active while it has subscribers.
 *
 * The list survives reconnects. If the room cannot resend all missed events, the list is replaced
 * in one step by those that the room still has.
 */
export class EventList<C extends Contract, Name extends ServerEventName<C>> {
  readonly #room: Room<C>;
  readonly #event: Name;
  readonly #listeners = new Set<() => void>();
  #limit = DEFAULT_LIMIT;
  #keep = Infinity;
  #state: EventListState<ServerEvent<C, Name>> = FIRST_LIST;
  /**
   * The events that have arrived since the shown list became stale; undefined while it is current.
   */
  #next: readonly ListedEvent<ServerEvent<C, Name>>[] | undefined;
  /**
   * Events of the message that is being read. They join the list together at its end. Undefined
   * while no message is being read.
   */
  #arrived: ListedEvent<ServerEvent<C, Name>>[] | undefined;
  /** Whether the room may have events before the first one in the list. */
  #hasEarlier = false;
  /** Whether the last page has arrived, with no gap after it. */
  #isCurrent = false;
  /** Identifies the page that is loading. Other answers are ignored. */
  #asking: object | undefined;
  #stops: Stop[] = [];
  #ending: ReturnType<typeof setTimeout> | undefined;

  /** Loads nothing before the first subscription. */
  constructor(room: Room<C>, event: Name, options: EventListOptions = {}) {
    this.#room = room;
    this.#event = event;
    this.update(options);
  }

  /** The state. It is the same object until the state changes. */
  get state(): EventListState<ServerEvent<C, Name>> {
    return this.#state;
  }

  /** Sets the page size and the number of events to keep. */
  update({ limit = DEFAULT_LIMIT, keep = Infinity }: EventListOptions): void {
    const most = Math.max(keep, 1);
    this.#limit = Math.min(limit, most);
    if (most === this.#keep) return;
    this.#keep = most;
    // Deferred, because a component calls this while it renders.
    this.#flushSoon();
  }

  /**
   * Calls a function when the state changes, and keeps the list active. React may unsubscribe and
   * subscribe again one turn later: the list does not change in between.
   */
  readonly subscribe = (onChange: () => void): Stop => {
    this.#listeners.add(onChange);
    clearTimeout(this.#ending);
    if (this.#stops.length === 0) this.#begin();
    return () => {
      this.#listeners.delete(onChange);
      if (this.#listeners.size === 0) this.#ending = setTimeout(() => this.#end());
    };
  };

  /**
   * Loads the page before the first event, or retries a page that failed. It does nothing while a
   * page is loading, or if there are no earlier events.
   */
  readonly loadMore = (): void => {
    if (this.#asking || (this.#isCurrent && !this.#state.hasMore)) return;
    void this.#load();
  };

  #begin(): void {
    this.#stops = [
      this.#room.on(this.#event, (data, offset) => {
        if (offset !== undefined) this.#flushSoon({ data, offset });
      }),
      this.#room.onRecovery(({ recovered }) => recovered || this.#startAnew()),
      this.#room.onStatus(() => this.#loadWhenOpen()),
    ];
    this.#loadWhenOpen();
  }

  #end(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#asking = undefined;
    this.#expire();
  }

  /** Marks the list as stale. It stays visible until it is replaced. */
  #expire(): void {
    this.#flush();
    this.#isCurrent = false;
    if (this.#state.events.length > 0) this.#next = [];
  }

  #startAnew(): void {
    // A request of this connection that has no answer yet belongs to the new list.
    if (this.#isCurrent) this.#asking = undefined;
    this.#expire();
    this.#loadWhenOpen();
  }

  #loadWhenOpen(): void {
    const { state } = this.#room.status;
    if (this.#isCurrent || this.#asking) return;
    if (state === "open") void this.#load();
    // The room is not open. Its next `open` status starts the load.
    else this.#change({ isLoading: state !== "closed" });
  }

  /** All events of a message are read in one turn, so a microtask runs after the last of them. */
  #flushSoon(...events: ListedEvent<ServerEvent<C, Name>>[]): void {
    if (!this.#arrived) queueMicrotask(() => this.#flush());
    this.#arrived ??= [];
    this.#arrived.push(...events);
  }

  #flush(): void {
    const arrived = this.#arrived;
    if (!arrived) return;
    this.#arrived = undefined;
    if (this.#next) this.#next = this.#newest(withEvents(this.#next, arrived));
    else this.#change({ events: withEvents(this.#state.events, arrived) });
  }

  async #load(): Promise<void> {
    const limit = this.#limit;
    this.#flush();
    const before = this.#isCurrent ? this.#state.events[0]?.offset : undefined;
    const asking = {};
    this.#asking = asking;
    this.#change({ isLoading: true, error: undefined });
    try {
      const page = await history(this.#room).read(this.#event, { before, limit });
      if (asking === this.#asking) this.#show(page, page.length === limit);
    } catch (error) {
      // `history` rejects only with a PartyError.
      if (asking === this.#asking) this.#fail(error as PartyError);
    }
  }

  #show(page: readonly ListedEvent<ServerEvent<C, Name>>[], hasEarlier: boolean): void {
    this.#flush();
    this.#isCurrent = true;
    this.#hasEarlier = hasEarlier;
    this.#settle({ events: joined(page, this.#next ?? this.#state.events) });
  }

  #fail(error: PartyError): void {
    const { state } = this.#room.status;
    const comesBack = state === "connecting" || state === "waiting";
    // The page is requested again when the room is open.
    if (!this.#isCurrent && comesBack && error.code === "disconnected") this.#asking = undefined;
    else this.#settle({ events: this.#next ?? this.#state.events, error });
  }

  #settle(change: Change<ServerEvent<C, Name>>): void {
    this.#asking = undefined;
    this.#next = undefined;
    this.#change({ ...change, isLoading: false });
  }

  /** Returns the newest events, at most `keep`. */
  #newest(
    events: readonly ListedEvent<ServerEvent<C, Name>>[],
  ): readonly ListedEvent<ServerEvent<C, Name>>[] {
    if (events.length <= this.#keep) return events;
    this.#hasEarlier = true;
    return events.slice(-this.#keep);
  }

  #change(change: Change<ServerEvent<C, Name>>): void {
    const next = { ...this.#state, ...change };
    next.events = this.#newest(next.events);
    next.hasMore = this.#hasEarlier && next.events.length < this.#keep;
    const keys = Object.keys(next) as (keyof typeof next)[];
    if (keys.every((key) => next[key] === this.#state[key])) return;
    this.#state = next;
    for (const onChange of Array.from(this.#listeners)) onChange();
  }
}

/**
 * Appends the events that follow the list's last one. The others are in it, or precede its first.
 */
function withEvents<Data>(
  list: readonly ListedEvent<Data>[],
  arrived: readonly ListedEvent<Data>[],
): readonly ListedEvent<Data>[] {
  const last = list.at(-1)?.offset ?? 0;
  const later = arrived.filter(({ offset }) => offset > last);
  return later.length === 0 ? list : [...list, ...later];
}

/**
 * Joins a page and the known events around it, in order and without duplicates. A page has no gap.
 */
function joined<Data>(
  page: readonly ListedEvent<Data>[],
  known: readonly ListedEvent<Data>[],
): readonly ListedEvent<Data>[] {
  const first = page[0]?.offset ?? 0;
  // The known events are from a replay that has not reached this page. The list shows the page alone
  // and does not wait for the events between.
  if ((known.at(-1)?.offset ?? 0) < first) return page;
  return withEvents([...known.filter(({ offset }) => offset < first), ...page], known);
}
