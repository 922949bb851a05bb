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

/**
 * Reads pages until it has as many events as were asked for. A room answers with the events of one
 * read, and the offset to continue from. If the room's storage was wiped between two pages, reading
 * starts again, because the pages do not belong together.
 *
 * @param ask calls the room.
 * @param gaps returns how often the room could not continue from this client's position.
 */
export async function readPastEvents<Event>(
  { event, before: end, limit = DEFAULT_LIMIT }: HistoryPage & { event: string },
  ask: (input: unknown) => Promise<unknown>,
  gaps: () => number,
): Promise<Event[]> {
  let before = end;
  let gapsBefore = gaps();
  const found: Event[] = [];
  for (;;) {
    // Each page has the offset of the next.
    const answer = await ask({ event, before, limit: limit - found.length });
    const { events, next } = answer as { events: Event[]; next?: number };
    const isSameStorage = gapsBefore === gaps();
    if (isSameStorage || found.length === 0) {
      found.unshift(...events);
      before = next;
      if (before === undefined || found.length >= limit) return found;
    }
    if (isSameStorage) continue;
    gapsBefore = gaps();
    found.length = 0;
    before = end;
  }
}
