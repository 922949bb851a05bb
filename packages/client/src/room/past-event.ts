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
