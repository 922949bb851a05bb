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
}

/** What a room keeps of its durable events, as it tells a client. */
export interface WireHistory {
  /** Of the room's storage. Offsets of another epoch mean nothing. */
  readonly epoch: string;
  /** The place after which events follow. */
  readonly offset: number;
  /** Of the event at that place, where the room still has it: what the client is to come back with. */
  readonly fingerprint?: string;
  /** Whether all that the client has missed follows; undefined for one that comes anew. */
  readonly recovered?: boolean;
}

/** Which calls a room carries out once, as it tells a client. */
export interface WireOnce {
  readonly calls: readonly string[];
  /** Changes when the room forgets results: what was sent before, and has none, has no outcome. */
  readonly since: string;
  /** The latest operation of this client that the room knows of; 0 for none. */
  readonly latest: number;
}

/** By what a repeated call is known. */
export interface Operation {
  /** Counted by the client, from 1, one after the other. */
  readonly number: number;
  /** `WireOnce.since`, as it was when the call was sent first. */
  readonly since: string;
}

/** Raw text among frames, from either side. */
export interface TextFrame {
  readonly kind: "text";
  readonly text: string;
}

/** What a client sends. */
export type ClientFrame =
  | EventFrame
  | TextFrame
  | {
      readonly kind: "call";
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
      /** Of a call that may be a repeat. */
      readonly operation?: Operation;
    }
  | { readonly kind: "ping" };

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
  | { readonly kind: "resume"; readonly history: WireHistory }
  | { readonly kind: "once"; readonly once: WireOnce }
  | { readonly kind: "reply"; readonly id: number; readonly output: unknown }
  | { readonly kind: "fail"; readonly id: number; readonly error: WireError }
  | { readonly kind: "error"; readonly error: WireError; readonly event?: string }
  | { readonly kind: "close"; readonly close: WireClose }
  | { readonly kind: "pong" };
