import type { Post } from "./durable-contract.ts";

/** All that a room with durable events knows, for comparison with what its clients know. */
export interface DurableReport {
  /** Of its storage, with the tag of the place before its first event. */
  epoch: string;
  /** The offset of the last event. */
  head: number;
  /** What the handler has written, in the order in which it did: a row for each call. */
  rows: (Post & { seq: number })[];
  /** What `history.read` gives: the last 1,000 events at most, those that are not too old. */
  history: (Post & { offset: number })[];
  /** How many events are stored, be they too old or not. */
  storedEvents: number;
  /** How many events may be. */
  keepEvents: number;
  /** Of the client's page that has the most. */
  mostStoredResults: number;
}
