import type { Issue } from "./errors";

/** An error on the wire: the refusal of a call, an event or a frame. */
export interface WireError {
  /** For programs: a code of the library or of an app. */
  code: string;
  /** For people. */
  message: string;
  /** Data of the app, for programs: `data` of its `PartyError`. */
  data?: unknown;
  /** The problems that a schema found: path and message, never the value. */
  issues?: readonly Issue[];
  /** Milliseconds to wait before a retry. */
  retryAfterMs?: number;
}

/** The reason of a close. The room sends it just before it closes the connection. */
export interface WireClose {
  /** The close code that follows. */
  code: number;
  /** The close reason that follows. */
  reason: string;
  /** Whether the client should reconnect by itself. */
  retry: boolean;
  /** Milliseconds to wait before the client reconnects. */
  retryAfterMs?: number;
}

/** An event of the contract, from either side. */
export interface EventFrame {
  readonly kind: "event";
  readonly name: string;
  readonly data: unknown;
  /** Its place among the room's durable events; undefined if it is not durable. */
  readonly offset?: number;
  /** The tag of a durable event. It proves to the room that the client received the event. */
  readonly tag?: string;
}

/** A place among a room's durable events, as the room sends it. */
export interface WireHistory {
  /** The epoch of the room's storage. Offsets of another epoch mean nothing. */
  readonly epoch: string;
  /** Events after this offset follow. */
  readonly offset: number;
  /** The tag of the event at that place. A client sends it when it reconnects. */
  readonly tag: string;
  /** Whether all missed events follow; undefined on a first connection. */
  readonly recovered?: boolean;
}

/** The part of `$hello` for calls that happen once. */
export interface WireOnce {
  readonly calls: readonly string[];
  /** The room's epoch and clock. A call carries the value from before it was first sent. */
  readonly since: string;
}

/** The identity of a call that may be sent more than once. */
export interface Operation {
  /** The client's page: 1 to 32 letters, digits, dashes and underscores. */
  readonly page: string;
  /** The call's number, counted from 1 within the page. */
  readonly number: number;
  /** The page's oldest unanswered number. The room deletes results below it. */
  readonly oldest: number;
  /** `WireOnce.since` from before the call was first sent. */
  readonly since: string;
  /** Whether the call has been sent before. */
  readonly repeat: boolean;
}

/** A frame of raw text, from either side. */
export interface TextFrame {
  readonly kind: "text";
  readonly text: string;
}

/** A call from a client. */
export interface CallFrame {
  readonly kind: "call";
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
  /** The identity of a call that happens once. */
  readonly operation?: Operation;
}

/** A frame that a client sends. */
export type ClientFrame = EventFrame | TextFrame | CallFrame | { readonly kind: "ping" };

/** A frame that a room sends. */
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
