import type { ConnectOptions } from "@partyflare/client";
import type { PartyName } from "./workerd.ts";

/** Which options of a client a run may choose. */
type Timing = Pick<ConnectOptions, "backoff" | "connectionTimeout" | "minUptime">;

/** A client to be opened. */
export interface ClientSpec {
  /** What the run calls it. Its connection's id, where that is not given. */
  name: string;
  host: string;
  party: PartyName;
  room: string;
  id?: string;
  key?: string;
  /** Default: the library's own. */
  timing?: Timing;
}

/** How a client is, in one word, and why it closed for good. */
export interface ClientStatus {
  state: "connecting" | "open" | "waiting" | "closed";
  error?: { code: string; closeCode?: number };
}

/** What a client knows of its conversation with the room. */
export interface ClientRecord {
  name: string;
  id: string;
  status: ClientStatus;
  /** How often it was opened. */
  opens: number;
  /** When each attempt after the first was planned for, in ms since 1970. */
  plannedAtMs: number[];
  /** The numbers 1 to this have been handed to the library. */
  sent: number;
  /** What the room has confirmed. */
  confirmed: { number: number; seq: number }[];
  /** How long each confirmation took, in ms. */
  confirmedAfterMs: number[];
  /** Entries that it was told of, over all its connections. */
  heard: number;
  /** Text of the room's outside of the contract, in characters. */
  textLength: number;
  /** Where an entry was missing, or came twice, within one connection. */
  gaps: string[];
  /** How often each error came: of calls, and from the room. */
  errors: Record<string, number>;
}

/** What the process of the clients can be asked to do. */
export type ClientCommand =
  | { kind: "open"; specs: ClientSpec[] }
  /** Each writes entries, one after the other, until it is told to hush. */
  | { kind: "talk"; names: string[]; pauseMs: number }
  /** Sends entries without waiting for anything. */
  | { kind: "flood"; name: string; messages: number }
  /** Ends their talk. Answered when nothing is on its way any more. */
  | { kind: "hush"; names: string[] }
  | { kind: "records"; names: string[] }
  | { kind: "close"; names: string[] };

/** What it tells unasked. */
export interface StatusNews {
  name: string;
  status: ClientStatus;
}
