import type { PartyError } from "@partyflare/shared";
import type { Delivery } from "../connection/message-queue";

/** The part of a room that a capability of the client may use. */
export interface ClientHost {
  /** The client's id in the room. */
  readonly id: string;
  /** Whether the room has sent this capability's hello on the current connection. */
  readonly isReady: boolean;
  /**
   * Sends `[$name, payload]` with the other frames of the task, or of the batch. The frame is
   * dropped if it cannot be sent now, and while the capability is not ready.
   */
  send(payload: unknown): Delivery;
  /** Makes a library call, such as `$history`. */
  call(name: string, input: unknown): Promise<unknown>;
  /** Pings the room now. The room times out only connections that have pinged. */
  ping(): void;
  /**
   * Runs a function at the end of the message that the room handles, or of the change of its
   * status: once, however often it is passed. If the room handles neither, it runs at once.
   */
  afterMessage(run: () => void): void;
  /**
   * Runs a function when a promise settles. For a call of this room, it runs when the answer is read
   * or the call fails: before all code that awaits the promise.
   *
   * @param run called with whether the promise was fulfilled.
   */
  whenSettled(promise: PromiseLike<unknown>, run: (isAnswered: boolean) => void): void;
  /** Reports an error to the listeners of `room.onError`. */
  error(error: PartyError): void;
}

/**
 * A feature of a room on the client, beyond events and calls. Only the name is required. A
 * capability is an imported function over a room, so that an app without it does not ship it.
 *
 * If a method throws a PartyError, the room reports it as `host.error` does. Other errors are
 * reported as the platform reports uncaught errors. The connection stays open.
 */
export interface ClientCapability {
  /** `$name` on the wire and in `$hello`. */
  readonly name: string;
  /** The name of its function on both sides, for warnings. Default: `name`. */
  readonly title?: string;
  /**
   * Returns what the client asks for in the upgrade, such as a position. It must not throw. Default:
   * empty text.
   */
  asks?(): string;
  /**
   * Handles its part of `$hello`, or the answer to a later subscription. It runs once for each
   * connection whose room has this capability, before the room is open for the app.
   */
  onHello?(payload: unknown): void;
  /**
   * The room is open now: the app has its status. It runs after `onHello`, with the same payload,
   * and not if the connection was lost in between.
   */
  afterHello?(payload: unknown): void;
  /** Handles a later frame of this capability. */
  onFrame?(payload: unknown): void;
  /** The room has refused a frame of this capability without an answer of the capability's own. */
  onRefused?(error: PartyError): void;
  /** The room does not have this capability. Default: a warning on the console, in development. */
  onMissing?(): void;
  /** The connection is lost. It runs once after each `onHello`. */
  onLost?(): void;
  /** The room is closed for good, or until `reconnect`. It runs after `onLost`. */
  onClosed?(): void;
}

/** The capabilities of a room, as `Room` gives them to this file. */
export interface CapabilityHolder {
  /** Returns the room's capability of this name, or makes it, and subscribes to it. */
  use<Made extends ClientCapability>(name: string, make: (host: ClientHost) => Made): Made;
}

/** The capabilities of every room. Not a property, so that apps do not see it. */
const holders = new WeakMap<object, CapabilityHolder>();

/** Registers the capabilities of a room. Only its constructor calls this. */
export function holdCapabilities(room: object, holder: CapabilityHolder): void {
  holders.set(room, holder);
}

/**
 * Returns a room's capability. There is one for a room and a name: it is made on first use. The
 * client subscribes to it with the next connection, or at once if the room is open.
 *
 * @param room a `Room`. Its type is not imported here, because `Room` imports this file.
 */
export function capabilityOf<Made extends ClientCapability>(
  room: object,
  name: string,
  make: (host: ClientHost) => Made,
): Made {
  const holder = holders.get(room);
  if (!holder) throw new TypeError(`${name}(room) takes a room from connect() or useRoom().`);
  return holder.use(name, make);
}
