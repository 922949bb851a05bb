import type { Contract, EventsOf, ServerEventName } from "@partyflare/shared";
import { KEEP_EVENTS, KEEP_EVENTS_BYTES, KEEP_EVENTS_MS } from "@partyflare/shared/internal";
import type { Feature } from "../capability";
import { DurableEvents } from "./durable-events";

/** Options of `history`: the durable events of a room, and how long the room keeps them. */
export interface HistoryOptions<Name extends string> {
  /**
   * Names from `fromServer`. The room writes these events before it sends them, and resends those
   * that a client missed.
   */
  events: readonly Name[];
  /** How many events the room keeps. Default: 1,000. */
  keepEvents?: number;
  /** How long the room keeps an event, in ms by its own clock. Default: 120,000. */
  keepMs?: number;
  /** How many bytes of events the room keeps, as JSON. Default: 8 MiB. */
  keepBytes?: number;
  /** How many of the last events a client gets on its first connection. Default: 0. */
  onJoin?: number;
  /**
   * Whether clients may read past events with `history(room)`. Default: true. With false, a client
   * gets the last `onJoin` events, new events, and those that it missed while offline.
   */
  clients?: boolean;
}

/** A past durable event. Compare `event`, and TypeScript knows `data`. */
export type PastEvent<Events, Name extends keyof Events> = {
  [Event in Name]: {
    readonly event: Event;
    readonly data: Events[Event];
    /** The event's place among the room's durable events, counted from 1. */
    readonly offset: number;
    /** The time when it was emitted, in milliseconds since 1970, by the room's clock. */
    readonly atMs: number;
  };
}[Name];

/** Options of `read`. */
export interface ReadOptions {
  /** Only events before this offset. Default: the last events. */
  before?: number;
  /** How many events, at most 1,000. Default: 50. */
  limit?: number;
}

/** A room's durable events: the result of `this.use(history({ … }))`. */
export interface History<Events, Name extends keyof Events> {
  /** The offset of the last durable event; 0 before the first. */
  readonly head: number;
  /**
   * Returns the last durable events, in order, for any audience.
   *
   * @throws PartyError `invalid` if the offset or the limit is not valid.
   */
  read(options?: ReadOptions): PastEvent<Events, Name>[];
}

/**
 * Makes events durable. The room writes each event before it sends it. After a reconnect, the
 * client gets the events that it missed, in order and once each. If the room no longer has them, it
 * tells the client first.
 *
 * @throws RangeError if a bound is not a whole number above 0, or if `onJoin` is below 0. `use`
 *   throws a TypeError if the contract does not have one of the events.
 *
 * @example
 * export class Chat extends Party.for(chat)<Env> {
 *   readonly history = this.use(history({ events: ["said"], onJoin: 50 }));
 * }
 */
export function history<C extends Contract, const Name extends ServerEventName<C>>(
  options: HistoryOptions<Name>,
): Feature<C, History<EventsOf<C>, Name>> {
  const { events, keepEvents = KEEP_EVENTS, keepMs = KEEP_EVENTS_MS } = options;
  const { keepBytes = KEEP_EVENTS_BYTES, onJoin = 0, clients = true } = options;
  for (const [name, value] of Object.entries({ keepEvents, keepMs, keepBytes })) {
    checkCount(name, value, 1);
  }
  checkCount("onJoin", onJoin, 0);
  if (typeof clients !== "boolean") {
    throw new TypeError(`history({ clients }) is true or false, not ${JSON.stringify(clients)}.`);
  }
  return (host) => {
    const unknown = events.filter((name) => !Object.hasOwn(host.contract.fromServer ?? {}, name));
    if (unknown.length > 0) {
      throw new TypeError(`history(): the contract has no event ${unknown.join(", ")}.`);
    }
    const bounds = { keepEvents, keepMs, keepBytes };
    const capability = new DurableEvents(host, { events, onJoin, clients, ...bounds });
    return { capability, api: capability as unknown as History<EventsOf<C>, Name> };
  };
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`history({ ${name} }) is a whole number, ${least} or more, not ${value}.`);
}
