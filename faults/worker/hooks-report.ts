/** A durable event as the room's own table has it, unless what emitted it was rolled back. */
export interface JournalRow {
  readonly offset: number;
  readonly label: string;
  /** For all; for the client `who`; or for those who carry a tag. */
  readonly audience: "all" | "client" | "tag";
  /** Empty where no client had the id. */
  readonly who: string;
}

/** One connection, from its `onConnect` on. */
interface HooksVisit {
  readonly visit: string;
  readonly epoch: number;
  readonly closes: number;
}

/** All that a room with misbehaving hooks knows. */
export interface HooksReport {
  readonly epoch: number;
  readonly head: number;
  readonly journal: readonly JournalRow[];
  /** The labels of the calls that were carried out and not rolled back. */
  readonly acts: readonly string[];
  /** How many `poke` were handled, in this life of the room. */
  readonly pokes: number;
  readonly visits: readonly HooksVisit[];
  /** The ids of those who are listed. */
  readonly connections: readonly string[];
  /** What user code has seen that must never be, in this life of the room. */
  readonly mistakes: readonly string[];
}
