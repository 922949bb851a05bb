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

/** The data that a client sends about itself, or that a room sends about a device: by field. */
export type WireFields = Readonly<Record<string, unknown>>;

/** A member, as the room sends it. */
export interface WireMember {
  readonly key: string;
  /** The public data that the server vouches for. */
  readonly info: WireFields;
  /** The connections, by id. Null stands for one that has sent no data. */
  readonly devices: readonly (readonly [id: string, presence: WireFields | null])[];
  /** The newest value of each field. It is left out if the only device has it. */
  readonly presence?: WireFields | null;
}

/** All members that a client is shown. It replaces the client's list. */
export interface WireSnapshot {
  /** The key of the client's own member; null if it is no member. */
  readonly me: string | null;
  readonly members: readonly WireMember[];
  /** The number of members, with those that are not listed. */
  readonly size: number;
  /** Whether some members are not listed. */
  readonly partial: boolean;
}

/** The changes of one window. Each part describes the state at the end of the window. */
export interface WirePresenceChange {
  /** Members that are new, or changed in more than their data. */
  readonly set?: readonly WireMember[];
  /** The fields of devices that have changed. */
  readonly moved?: readonly (readonly [device: string, fields: WireFields])[];
  /** Keys of members that are gone. */
  readonly gone?: readonly string[];
  readonly me?: string | null;
  readonly size?: number;
  readonly partial?: boolean;
}

/** The refusal of data that the client has sent. */
export interface WirePresenceRefusal {
  /** The number of the refused frame. */
  readonly refused: number;
  /** The accepted values of the refused fields. A field without one is left out. */
  readonly fields: WireFields;
  readonly error: WireError;
}

/** What a room sends as `$presence`. */
export type WirePresence = WireSnapshot | WirePresenceChange | WirePresenceRefusal;

/** What a client sends as `$presence`. */
export interface WirePresenceUpdate {
  /** The fields that have changed. */
  readonly set: WireFields;
  /** The frame's number: a whole number, higher than that of earlier frames. */
  readonly n: number;
  /**
   * The fields that are no change: initial data, and data that the room has had on an earlier
   * connection. The values of the member's other devices are newer. Default: none.
   */
  readonly again?: readonly string[];
}

/**
 * A place in the shared state: a key of the value, or an entry one level down. An entry is a
 * property of an object, or an item of a list, by its `id`.
 */
export type WireSharedPlace = readonly [key: string] | readonly [key: string, entry: string];

/** A place and its value. An item of a list has the id of the item before it; null if it is first. */
export type WireSharedEntry =
  | readonly [key: string, value: unknown]
  | readonly [key: string, entry: string, value: unknown]
  | readonly [key: string, item: string, value: unknown, after: string | null];

/** What a room sends as `$shared`, and as its part of `$hello`. */
export interface WireShared {
  /** The version of the value, once all parts have arrived. It is higher after each change. */
  readonly version: number;
  /** A random text. With the version, it is the client's position when it reconnects. */
  readonly run: string;
  /** Whether the value begins anew, as an empty object. */
  readonly reset?: boolean;
  /** Places that are gone. They are applied before `set`. */
  readonly gone?: readonly WireSharedPlace[];
  /** Places with new values, applied in order. */
  readonly set?: readonly WireSharedEntry[];
  /** Whether more frames follow. The client applies all of them together. */
  readonly more?: boolean;
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

/** A frame of a capability, `[$name, payload]`, from either side. */
export interface CapabilityFrame {
  readonly kind: "capability";
  /** The capability's name, without the `$`. */
  readonly name: string;
  readonly payload: unknown;
}

/** A frame that a client sends. */
export type ClientFrame =
  | EventFrame
  | TextFrame
  | CallFrame
  | CapabilityFrame
  /** Subscribes to a capability on an open connection. `asked` is as in the upgrade's query. */
  | { readonly kind: "with"; readonly name: string; readonly asked: string }
  | { readonly kind: "ping" };

/** A frame that a room sends. */
export type ServerFrame =
  | EventFrame
  | TextFrame
  | CapabilityFrame
  | {
      readonly kind: "hello";
      readonly id: string;
      readonly room: string;
      /** The identity of the client behind the connection, which may be shown. */
      readonly client?: string | undefined;
      /** The hellos of the capabilities that the client asked for, by name. */
      readonly parts: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "reply"; readonly id: number; readonly output: unknown }
  | { readonly kind: "fail"; readonly id: number; readonly error: WireError }
  | { readonly kind: "error"; readonly error: WireError; readonly event?: string }
  | { readonly kind: "close"; readonly close: WireClose }
  | { readonly kind: "pong" };
