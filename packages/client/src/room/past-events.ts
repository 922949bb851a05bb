/** Which events of the past are to be read. */
export interface HistoryPage {
  /** Only those before this offset. Default: the last ones. */
  before?: number | undefined;
  /** How many, at most 1,000. Default: 50. */
  limit?: number | undefined;
}

/** A durable event of the past. */
export interface PastEvent<Data> {
  readonly data: Data;
  /** Its place among the room's durable events, counted from 1. */
  readonly offset: number;
  /** When it was emitted, in milliseconds since 1970, by the room's clock. */
  readonly atMs: number;
}

/** As many events as are read, where nothing is said. */
const DEFAULT_LIMIT = 50;

/**
 * Reads pages until there are as many events as are wanted. A room answers with as many as it has
 * read at once, and where to go on. Pages of two storages are no one's past: where the room's was
 * wiped in between, it is asked anew.
 *
 * @param ask calls the room.
 * @param gaps how often the room could not go on from where this client was.
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
    // oxlint-disable-next-line no-await-in-loop -- a page says where the next one begins
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
