import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import type { Room } from "../../room/room";

/** Selects past events to read. */
export interface HistoryPage {
  /** Only events before this offset. Default: the latest events. */
  before?: number | undefined;
  /** The most events, at most 1,000. Default: 50. */
  limit?: number | undefined;
}

/** A durable event of the past. */
export interface PastEvent<Data> {
  readonly data: Data;
  /** Its place among the room's durable events, counted from 1. */
  readonly offset: number;
  /** When the room emitted the event, in ms since 1970, by the room's clock. */
  readonly atMs: number;
}

/** The default of `limit`. */
const DEFAULT_LIMIT = 50;

/** The past of a room. */
export interface RoomHistory<C extends Contract> {
  /**
   * Reads past durable events that this client may see, oldest first. It returns the latest events,
   * or those before an offset.
   *
   * Rejects as a call does, with `unknown_call` if the room has no `history()`.
   */
  read<Name extends ServerEventName<C>>(
    event: Name,
    page?: HistoryPage,
  ): Promise<PastEvent<ServerEvent<C, Name>>[]>;
}

/**
 * Returns the past of a room whose party has `history()`. A room receives durable events without
 * it.
 *
 * @example
 * const page = await history(room).read("said", { before: first.offset, limit: 20 });
 */
export function history<C extends Contract>(room: Room<C>): RoomHistory<C> {
  return {
    read: (event, page) => readPages(room as unknown as Library, event, page),
  };
}

/** A room, as far as it answers calls of the library. No contract lists these calls. */
interface Library extends Pick<Room<Contract>, "onRecovery"> {
  call(name: string, input: unknown): Promise<unknown>;
}

/**
 * Reads pages until it has as many events as were asked for. A room answers with the events of one
 * read, and the offset to continue from. If the room's storage was wiped between two pages, reading
 * starts again, because the pages do not belong together.
 */
async function readPages<Event>(
  room: Library,
  event: string,
  { before: end, limit = DEFAULT_LIMIT }: HistoryPage = {},
): Promise<Event[]> {
  const found: Event[] = [];
  let before = end;
  let gaps = 0;
  const stop = room.onRecovery(({ recovered }) => {
    if (!recovered) gaps += 1;
  });
  try {
    for (;;) {
      const gapsBefore = gaps;
      // Each page has the offset of the next.
      const answer = await room.call("$history", { event, before, limit: limit - found.length });
      const { events, next } = answer as { events: Event[]; next?: number };
      const isSameStorage = gapsBefore === gaps;
      if (isSameStorage || found.length === 0) {
        found.unshift(...events);
        before = next;
        if (before === undefined || found.length >= limit) return found;
      }
      if (isSameStorage) continue;
      found.length = 0;
      before = end;
    }
  } finally {
    stop();
  }
}
