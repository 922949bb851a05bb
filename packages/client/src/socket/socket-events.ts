import type { SendableMessage } from "@partyflare/shared";
import type { PlatformBlob, ReceivedMessage } from "../connection/attempt";
import type { PartyCloseEvent } from "../connection/close-event";

/** The event of an error: the network's, a timeout, or an option's function that failed. */
export class PartyErrorEvent extends Event {
  /** Describes the error, as far as the platform does. Browsers report little about the network. */
  readonly message: string;
  /** The error. */
  readonly error: Error;

  constructor(error: Error) {
    super("error");
    this.message = error.message;
    this.error = error;
  }
}

/** The event of a dropped message: the queue is full (see `queue`). */
export class PartyDropEvent extends Event {
  /** The message that was given to `send`. */
  readonly message: SendableMessage | PlatformBlob;

  constructor(message: SendableMessage | PlatformBlob) {
    super("drop");
    this.message = message;
  }
}

/** The platform's `MessageEvent`. Not by its type argument: the types of Workers have none. */
type ReceivedEvent = typeof globalThis extends { MessageEvent: { prototype: infer Platform } }
  ? Omit<Platform, "data"> & { readonly data: ReceivedMessage }
  : { readonly type: string; readonly data: ReceivedMessage; readonly origin: string };

/** As in the DOM, whose types a Worker does not have. */
interface RemovalOptions {
  capture?: boolean;
}

/** As in the DOM, whose types a Worker does not have. */
interface ListenerOptions extends RemovalOptions {
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

type AnyListener = Parameters<EventTarget["addEventListener"]>[1];

/** The events of a `PartySocket`, by name. */
export interface PartySocketEventMap {
  /** The connection is open, and the queue has been flushed. */
  open: Event;
  /** A message has arrived. */
  message: ReceivedEvent;
  /** The connection has ended, or an attempt to connect has failed. */
  close: PartyCloseEvent;
  /** Something failed. After a failed attempt, the next one follows. */
  error: PartyErrorEvent;
  /** A message was dropped because the queue is full. */
  drop: PartyDropEvent;
}

/** Creates the event of a message that has arrived. */
export function messageEvent({ data, origin }: Pick<MessageEvent, "data" | "origin">): Event {
  // React Native has no `MessageEvent`.
  return typeof MessageEvent === "undefined"
    ? Object.assign(new Event("message"), { data, origin })
    : new MessageEvent("message", { data, origin });
}

/** An `EventTarget` whose listeners are typed by the event's name. */
export interface TypedEventTarget<EventMap> extends EventTarget {
  addEventListener<Name extends keyof EventMap>(
    type: Name,
    listener: ((event: EventMap[Name]) => void) | null,
    options?: ListenerOptions | boolean,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: ListenerOptions | boolean): void;
  removeEventListener<Name extends keyof EventMap>(
    type: Name,
    listener: ((event: EventMap[Name]) => void) | null,
    options?: RemovalOptions | boolean,
  ): void;
  removeEventListener(
    type: string,
    listener: AnyListener,
    options?: RemovalOptions | boolean,
  ): void;
}

/** The platform's `EventTarget`, with the types of a socket's events. */
const SocketEventTarget = EventTarget as new () => TypedEventTarget<PartySocketEventMap>;

/** The static parts of a WebSocket: its constants, and handlers in properties. */
export class WebSocketLike extends SocketEventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  /** Called when the connection is open. */
  onopen: ((event: Event) => void) | null = null;
  /** Called with every message. */
  onmessage: ((event: ReceivedEvent) => void) | null = null;
  /** Called when a connection has ended or an attempt to connect has failed. */
  onclose: ((event: PartyCloseEvent) => void) | null = null;
  /** Called when something failed. Its type makes a `PartySocket` assignable to `WebSocket`. */
  onerror: ((event: Event & Partial<PartyErrorEvent>) => void) | null = null;

  constructor() {
    super();
    // The EventTarget of Workers and of happy-dom calls the handlers itself. Others do not.
    let isCalled = false;
    Object.assign(this, { onopen: () => (isCalled = true) });
    this.dispatchEvent(new Event("open"));
    Object.assign(this, { onopen: null });
    if (isCalled) return;
    for (const type of ["open", "message", "close", "error"] as const) {
      this.addEventListener(type, (event) => this[`on${type}`]?.(event as never));
    }
  }
}
