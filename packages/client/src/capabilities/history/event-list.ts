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
  limit?: number;
}

/** What is known of a room's durable events of one name. Another object whenever it changes. */
export interface EventListState<Data> {
  /** Without a gap, in their order, each once. */
  readonly events: readonly ListedEvent<Data>[];
  /** Whether there may be earlier ones. False before the first page is here. */
  readonly hasMore: boolean;
  /** Whether a page is on its way, or waits for the room to be open. */
  readonly isLoading: boolean;
  /** Why the latest page could not be loaded. */
  readonly error: PartyError | undefined;
}

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
  #limit: number;
  #state: EventListState<ServerEvent<C, Name>> = FIRST_LIST;
  /** What has come since the list that is shown stopped being true; undefined while it is. */
  #next: readonly ListedEvent<ServerEvent<C, Name>>[] | undefined;
  /** Whether the last page is there, with nothing missing after it. */
  #isCurrent = false;
  #isAsking = false;
  /** Counts the pages that were asked for: the answer to an earlier list's is not taken. */
  #asked = 0;
  #stops: Stop[] = [];
  #ending: ReturnType<typeof setTimeout> | undefined;

  /** Loads nothing before somebody subscribes. */
  constructor(room: Room<C>, event: Name, { limit = DEFAULT_LIMIT }: EventListOptions = {}) {
    this.#room = room;
    this.#event = event;
    this.#limit = limit;
  }

  /** The same object until it changes. */
  get state(): EventListState<ServerEvent<C, Name>> {
    return this.#state;
  }

  /** From now on, pages are loaded like this. */
  update({ limit = DEFAULT_LIMIT }: EventListOptions): void {
    this.#limit = limit;
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
    if (this.#isAsking || (this.#isCurrent && !this.#state.hasMore)) return;
    void this.#load();
  };

  #begin(): void {
    this.#stops = [
      this.#room.on(this.#event, (data, offset) => {
        if (offset !== undefined) this.#take({ data, offset });
      }),
      this.#room.onRecovery(({ recovered }) => recovered || this.#startAnew()),
      this.#room.onStatus(() => this.#loadWhenOpen()),
    ];
    this.#loadWhenOpen();
  }

  #end(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#isAsking = false;
    this.#asked += 1;
    this.#expire();
  }

  /** What is shown may lack something. It stays until there is something better. */
  #expire(): void {
    this.#isCurrent = false;
    if (this.#state.events.length > 0) this.#next = [];
  }

  #startAnew(): void {
    // Asked for in this connection, and not answered yet: the answer is of the new list.
    const isAskedAnew = this.#isAsking && !this.#isCurrent;
    this.#expire();
    if (isAskedAnew) return;
    this.#isAsking = false;
    this.#asked += 1;
    this.#loadWhenOpen();
  }

  #loadWhenOpen(): void {
    const { state } = this.#room.status;
    if (this.#isCurrent || this.#isAsking) return;
    if (state === "open") void this.#load();
    // Nothing will be loaded; if the room is entered again, that is told as `open`.
    else this.#change({ isLoading: state !== "closed" });
  }

  #take(event: ListedEvent<ServerEvent<C, Name>>): void {
    if (this.#next) this.#next = withEvent(this.#next, event);
    else this.#change({ events: withEvent(this.#state.events, event) });
  }

  async #load(): Promise<void> {
    const limit = this.#limit;
    const before = this.#isCurrent ? this.#state.events[0]?.offset : undefined;
    const number = ++this.#asked;
    this.#isAsking = true;
    this.#change({ isLoading: true, error: undefined });
    try {
      const page = await this.#room.history(this.#event, { before, limit });
      if (number === this.#asked) this.#show(page, page.length === limit);
    } catch (error) {
      // `room.history` rejects with nothing else.
      if (number === this.#asked) this.#fail(error as PartyError);
    }
  }

  #show(page: readonly ListedEvent<ServerEvent<C, Name>>[], hasMore: boolean): void {
    const events = joined(page, this.#next ?? this.#state.events);
    this.#next = undefined;
    this.#isCurrent = true;
    this.#isAsking = false;
    this.#change({ events, hasMore, isLoading: false });
  }

  #fail(error: PartyError): void {
    this.#isAsking = false;
    const { state } = this.#room.status;
    const comesBack = state === "connecting" || state === "waiting";
    // It is asked again as soon as the room is open.
    if (!this.#isCurrent && comesBack && error.code === "disconnected") return;
    const events = this.#next ?? this.#state.events;
    this.#next = undefined;
    this.#change({ events, isLoading: false, error });
  }

  #change(change: Partial<EventListState<ServerEvent<C, Name>>>): void {
    const next = { ...this.#state, ...change };
    const keys = Object.keys(change) as (keyof typeof next)[];
    if (keys.every((key) => next[key] === this.#state[key])) return;
    this.#state = next;
    for (const onChange of Array.from(this.#listeners)) onChange();
  }
}

/** A list with an event that came: behind it, unless it was there or lies before its first one. */
function withEvent<Data>(
  list: readonly ListedEvent<Data>[],
  event: ListedEvent<Data>,
): readonly ListedEvent<Data>[] {
  const last = list.at(-1);
  if (!last || last.offset < event.offset) return [...list, event];
  return joined(list, [event]);
}

/** A page, and what is known behind it, in order and each once. */
function joined<Data>(
  page: readonly ListedEvent<Data>[],
  later: readonly ListedEvent<Data>[],
): readonly ListedEvent<Data>[] {
  const first = page[0]?.offset ?? 0;
  // Of a replay that has not come so far: what lies between is missing, and will not be waited for.
  if ((later.at(-1)?.offset ?? Infinity) < first) return page;
  const known = new Set(page.map(({ offset }) => offset));
  const unknown = later.filter(({ offset }) => !known.has(offset));
  if (unknown.length === 0) return page;
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own, and older browsers have no other
  return [...page, ...unknown].sort((one, other) => one.offset - other.offset);
}
