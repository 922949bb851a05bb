import type { Issue } from "./errors";

/** What a refusal is on the wire: of a call, an event or a frame. */
export interface WireError {
  /** For programs: of the library's table, or an app's own. */
  code: string;
  /** For people. */
  message: string;
  /** For programs: what the app put into its `PartyError`. */
  data?: unknown;
  /** What a schema found: path and message, never the value. */
  issues?: readonly Issue[];
  /** Milliseconds after which to try again. */
  retryAfterMs?: number;
}

/** Why a room closes a connection, told just before it does. */
export interface WireClose {
  /** The close code that follows. */
  code: number;
  /** The close reason that follows. */
  reason: string;
  /** Whether the client should come back by itself. */
  retry: boolean;
  /** Milliseconds after which to come back. */
  retryAfterMs?: number;
}

/** An event of the contract, from either side. */
export interface EventFrame {
  readonly kind: "event";
  readonly name: string;
  readonly data: unknown;
  /** Its place among the durable events of the room; undefined for one that is not durable. */
  readonly offset?: number;
  /** Of a durable event: proves to the room that a client was sent it. */
  readonly tag?: string;
}

/** A place among a room's durable events, as the room tells it. */
export interface WireHistory {
  /** Of the room's storage. Offsets of another epoch mean nothing. */
  readonly epoch: string;
  /** The place after which events follow. */
  readonly offset: number;
  /** The tag of the event at that place. A client returns with it. */
  readonly tag: string;
  /** Whether all that the client has missed follows; undefined on a first connection. */
  readonly recovered?: boolean;
}

/** The calls that a room carries out once, as it tells a client. */
export interface WireOnce {
  readonly calls: readonly string[];
  /** The room's epoch and clock. A call carries what it was sent first with. */
  readonly since: string;
}

/** Identifies a call that may be sent more than once. */
export interface Operation {
  /** A page of the client: 1 to 32 letters, digits, dashes and underscores. */
  readonly page: string;
  /** Counted from 1 within the page. */
  readonly number: number;
  /** The oldest number of the page that is not answered. The room deletes results below it. */
  readonly oldest: number;
  /** `WireOnce.since`, as it was when the call was sent first. */
  readonly since: string;
  /** Whether it has been sent before. */
  readonly repeat: boolean;
}

/** Raw text among frames, from either side. */
export interface TextFrame {
  readonly kind: "text";
  readonly text: string;
}

/** A call. */
export interface CallFrame {
  readonly kind: "call";
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
  /** Of a call that happens once. */
  readonly operation?: Operation;
}

/** What a client sends. */
export type ClientFrame = EventFrame | TextFrame | CallFrame | { readonly kind: "ping" };

/** What a room sends. */
export type ServerFrame =
  | EventFrame
  | TextFrame
  | {
      readonly kind: "hello";
      readonly id: string;
      readonly room: string;
      readonly history?: WireHistory;
      readonly once?: WireOnce;
    }
  | { readonly kind: "history"; readonly history: WireHistory }
  | { readonly kind: "once"; readonly once: WireOnce }
  | { readonly kind: "reply"; readonly id: number; readonly output: unknown }
  | { readonly kind: "fail"; readonly id: number; readonly error: WireError }
  | { readonly kind: "error"; readonly error: WireError; readonly event?: string }
  | { readonly kind: "close"; readonly close: WireClose }
  | { readonly kind: "pong" };
