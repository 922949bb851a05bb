import type { ClientSpec } from "./client-messages.ts";
import type { DurablePartyName } from "./workerd.ts";

/** A client of a durable room, to be opened. `name` is its connection's id, too. */
export interface PosterSpec extends Pick<ClientSpec, "name" | "host" | "room" | "timing"> {
  party: DurablePartyName;
}

/** How a client is at the moment. */
export interface PosterSummary {
  name: string;
  state: "connecting" | "open" | "waiting" | "closed";
  /** How many of its calls are not answered. */
  unanswered: number;
  /** Whether it will make more calls. */
  isPosting: boolean;
  /** Of the last event that it heard, or was told to be the last before those that follow. */
  offset: number;
}

/** What a client knows of its calls, and what it has heard. */
export interface PosterRecord {
  name: string;
  id: string;
  /** How often it was opened. */
  opens: number;
  /** The calls 1 to this were made. */
  sent: number;
  /** What each call was answered with; 0 where it was not. */
  offsets: number[];
  /** Calls that are neither answered nor refused. */
  unanswered: number[];
  refused: { number: number; code: string }[];
  /** Calls that were carried out in a storage that is no more. */
  lost: number[];
  /** How many events it heard, and its place among them: see `PosterSummary`. */
  heard: number;
  offset: number;
  /** How often it came back and was told that what it missed follows; and that it does not. */
  recovered: number;
  notRecovered: number;
  /** What it heard that it should not have, or did not hear. */
  mistakes: string[];
}

/** Bursts of calls: so many at once, and then a pause. */
export interface Posting {
  bursts: readonly number[];
  pauseMs: number;
}

/** A room, as all its clients name it. */
export interface DurablePlace {
  party: DurablePartyName;
  room: string;
}

/** What the process of the clients can be asked to do, and what it answers with. */
export type PosterCommand =
  | { kind: "open"; specs: PosterSpec[] }
  /** Calls from now on, whatever becomes of the connection. */
  | { kind: "post"; names: string[]; posting: Posting }
  /** `PosterSummary[]` */
  | { kind: "summaries"; names: string[] }
  /** `PosterRecord[]` */
  | { kind: "records"; names: string[] }
  /** `Timeline.events` of a room. */
  | { kind: "timeline"; place: DurablePlace }
  /** The storage of a room was wiped, or put back to where it had so many events. */
  | { kind: "fork"; place: DurablePlace; after: number }
  | { kind: "close"; names: string[] };
