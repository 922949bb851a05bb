import type { Contract, PartyError, ServerEvent, ServerEventName } from "@partyflare/shared";
import type { Stop } from "../../connection/emitter";
import type { PastEvent } from "../../room/past-events";
import type { Room } from "../../room/room";

/** A durable event of a list. */
export interface ListedEvent<Data> extends Omit<PastEvent<Data>, "atMs"> {
  /**
   * When it was emitted, in milliseconds since 1970, by the room's clock. Undefined for one that came
   * while the list was there: where a page shows times, its event carries them.
   */
  readonly atMs?: number;
}

/** How a list is loaded. */
export interface EventListOptions {
  /** How many events at a time, at most 1,000. Default: 50. */
  limit?: number | undefined;
  /** How many of the newest events the list holds, 1 or more. Default: no bound. */
  keep?: number | undefined;
}

/** What is known of a room's durable events of one name. Another object whenever it changes. */
export interface EventListState<Data> {
  /** Without a gap, in their order, each once. */
  readonly events: readonly ListedEvent<Data>[];
  /**
   * Whether there may be earlier ones that `loadMore` would add. False before the first page is
   * here, and while the list holds as many as it may keep.
   */
  readonly hasMore: boolean;
  /** Whether a page is on its way, or waits for the room to be open. */
  readonly isLoading: boolean;
  /** Why the latest page could not be loaded. */
  readonly error: PartyError | undefined;
}

type Change<Data> = Partial<Omit<EventListState<Data>, "hasMore">>;

/** Of a list that has not been asked for anything. */
export const FIRST_LIST: EventListState<never> = {
  events: [],
  hasMore: false,
  isLoading: true,
  error: undefined,
};

/** As many events as `room.history` answers with, where nothing is said. */
const DEFAULT_LIMIT = 50;

/**
 * The durable events of one name that this client may see: the last ones, those that come, and
 * earlier ones as they are asked for. It lives while somebody subscribes to it.
 *
 * It stays while connections come and go. Only after a time that the room cannot make up for is it
 * replaced: by what the room still knows, in one step.
 */
export class EventList<C extends Contract, Name extends ServerEventName<C>> {
  readonly #room: Room<C>;
  readonly #event: Name;
  readonly #listeners = new Set<() => void>();
  #limit = DEFAULT_LIMIT;
  #keep = Infinity;
  #state: EventListState<ServerEvent<C, Name>> = FIRST_LIST;
  /** What has come since the list that is shown stopped being true; undefined while it is. */
  #next: readonly ListedEvent<ServerEvent<C, Name>>[] | undefined;
  /**
   * Events of the message that is being read: they join the list at once, when it has been read.
   * Undefined where none is being read.
   */
  #arrived: ListedEvent<ServerEvent<C, Name>>[] | undefined;
  /** Whether the room may have events before the first one of the list. */
  #hasEarlier = false;
  /** Whether the last page is there, with nothing missing after it. */
  #isCurrent = false;
  /** The page that is on its way, as an object of its own: no other answer is taken. */
  #asking: object | undefined;
  #stops: Stop[] = [];
  #ending: ReturnType<typeof setTimeout> | undefined;

  /** Loads nothing before somebody subscribes. */
  constructor(room: Room<C>, event: Name, options: EventListOptions = {}) {
    this.#room = room;
    this.#event = event;
    this.update(options);
  }

  /** The same object until it changes. */
  get state(): EventListState<ServerEvent<C, Name>> {
    return this.#state;
  }

  /** From now on, pages are loaded like this, and as many events are kept. */
  update({ limit = DEFAULT_LIMIT, keep = Infinity }: EventListOptions): void {
    const most = Math.max(keep, 1);
    this.#limit = Math.min(limit, most);
    if (most === this.#keep) return;
    this.#keep = most;
    // Not at once: a component that renders says how many.
    this.#flushSoon();
  }

  /**
   * Calls a function whenever the state is another one, and keeps the list alive. Who stops and
   * subscribes again in the next turn, as React does, finds it as it was.
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
   * Loads the page before the first event, or tries again what has failed. Does nothing while a page
   * is on its way, and where there are no earlier events.
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

  /** What is shown may lack something. It stays until there is something better. */
  #expire(): void {
    this.#flush();
    this.#isCurrent = false;
    if (this.#state.events.length > 0) this.#next = [];
  }

  #startAnew(): void {
    // Asked for in this connection, and not answered yet: the answer is of the new list.
    if (this.#isCurrent) this.#asking = undefined;
    this.#expire();
    this.#loadWhenOpen();
  }

  #loadWhenOpen(): void {
    const { state } = this.#room.status;
    if (this.#isCurrent || this.#asking) return;
    if (state === "open") void this.#load();
    // Nothing will be loaded; if the room is entered again, that is told as `open`.
    else this.#change({ isLoading: state !== "closed" });
  }

  /** All events of a message are read in one turn: its end is the end of the message. */
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
      const page = await this.#room.history(this.#event, { before, limit });
      if (asking === this.#asking) this.#show(page, page.length === limit);
    } catch (error) {
      // `room.history` rejects with nothing else.
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
    // It is asked again as soon as the room is open.
    if (!this.#isCurrent && comesBack && error.code === "disconnected") this.#asking = undefined;
    else this.#settle({ events: this.#next ?? this.#state.events, error });
  }

  #settle(change: Change<ServerEvent<C, Name>>): void {
    this.#asking = undefined;
    this.#next = undefined;
    this.#change({ ...change, isLoading: false });
  }

  /** As many as may be kept. */
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

/** A list with events that came: those behind it. The others were there, or lie before its first. */
function withEvents<Data>(
  list: readonly ListedEvent<Data>[],
  arrived: readonly ListedEvent<Data>[],
): readonly ListedEvent<Data>[] {
  const last = list.at(-1)?.offset ?? 0;
  const later = arrived.filter(({ offset }) => offset > last);
  return later.length === 0 ? list : [...list, ...later];
}

/** A page, and what is known around it, in order and each once: a page has no gap. */
function joined<Data>(
  page: readonly ListedEvent<Data>[],
  known: readonly ListedEvent<Data>[],
): readonly ListedEvent<Data>[] {
  const first = page[0]?.offset ?? 0;
  // Of a replay that has not come so far: what lies between is missing, and will not be waited for.
  if ((known.at(-1)?.offset ?? 0) < first) return page;
  return withEvents([...known.filter(({ offset }) => offset < first), ...page], known);
}
