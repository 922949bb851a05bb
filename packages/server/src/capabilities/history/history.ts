import type { Contract, EventsOf, ServerEventName } from "@partyflare/shared";
import { KEEP_EVENTS, KEEP_EVENTS_BYTES, KEEP_EVENTS_MS } from "@partyflare/shared/internal";
import type { Host } from "../capability";
import { DurableEvents } from "./durable-events";

/** Which events of a room are durable, and how long it keeps them. */
export interface HistoryOptions<Name extends string> {
  /** Of `fromServer`: each is written before it is sent, and reaches who was away for a while. */
  events: readonly Name[];
  /** How many of them. Default: 1,000. */
  keepEvents?: number;
  /** For how long, in ms, by the room's clock. Default: 120,000. */
  keepMs?: number;
  /** Their bytes together, as JSON. Default: 8 MiB. */
  keepBytes?: number;
  /** How many of the last ones a client is sent on its first connection. Default: 0. */
  onJoin?: number;
  /**
   * Whether clients may ask for the past with `room.history()`. Default: true. With false, a client
   * is sent the last `onJoin` events, what comes after, and what it missed while it was away.
   */
  clients?: boolean;
}

/** A durable event of the past. Compare `event`, and TypeScript knows `data`. */
export type PastEvent<Events, Name extends keyof Events> = {
  [Event in Name]: {
    readonly event: Event;
    readonly data: Events[Event];
    /** Its place among the room's durable events, counted from 1. */
    readonly offset: number;
    /** When it was emitted, in milliseconds since 1970, by the room's clock. */
    readonly atMs: number;
  };
}[Name];

/** Which of them are to be read. */
export interface ReadOptions {
  /** Only events before this offset. Default: the last ones. */
  before?: number;
  /** How many, at most 1,000. Default: 50. */
  limit?: number;
}

/** A room's durable events: what `this.use(history({ … }))` gives. */
export interface History<Events, Name extends keyof Events> {
  /** The offset of the last durable event; 0 before the first. */
  readonly head: number;
  /**
   * The last durable events, in their order, whoever they were for.
   *
   * @throws PartyError `invalid` for an offset or a limit that is none.
   */
  read(options?: ReadOptions): PastEvent<Events, Name>[];
}

/**
 * The history of a party with a contract. Of one without events there is none, and it is unknown so
 * that every party is a `Party`.
 */
export type HistoryOf<C extends Contract, Name extends string> = [ServerEventName<C>] extends [
  never,
]
  ? unknown
  : History<EventsOf<C>, Name & keyof EventsOf<C>>;

/** What `this.use()` takes in: see `history`. */
export interface DurableHistory<Name extends string> {
  readonly events: readonly Name[];
  /** Throws a TypeError for an event that the contract does not have. */
  attach(host: Host): DurableEvents;
}

/**
 * Makes events durable: the room writes them before it sends them, and sends a client that comes
 * back what it has missed, in order, each once. Where it cannot, the client is told first.
 *
 * @throws RangeError for a bound that is not a whole number above 0, or an `onJoin` below 0.
 *
 * @example
 * export class Chat extends Party.for(chat)<Env> {
 *   readonly history = this.use(history({ events: ["said"], onJoin: 50 }));
 * }
 */
export function history<const Name extends string>(
  options: HistoryOptions<Name>,
): DurableHistory<Name> {
  const { events, keepEvents = KEEP_EVENTS, keepMs = KEEP_EVENTS_MS } = options;
  const { keepBytes = KEEP_EVENTS_BYTES, onJoin = 0, clients = true } = options;
  for (const [name, value] of Object.entries({ keepEvents, keepMs, keepBytes })) {
    checkCount(name, value, 1);
  }
  checkCount("onJoin", onJoin, 0);
  if (typeof clients !== "boolean") {
    throw new TypeError(`history({ clients }) is true or false, not ${JSON.stringify(clients)}.`);
  }
  return {
    events,
    attach(host) {
      const unknown = events.filter((name) => !Object.hasOwn(host.contract.fromServer ?? {}, name));
      if (unknown.length > 0) {
        throw new TypeError(`history(): the contract has no event ${unknown.join(", ")}.`);
      }
      return new DurableEvents(host, { events, onJoin, clients, keepEvents, keepMs, keepBytes });
    },
  };
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`history({ ${name} }) is a whole number, ${least} or more, not ${value}.`);
}
