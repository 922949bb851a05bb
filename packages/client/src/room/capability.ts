import type { Contract, PartyError } from "@partyflare/shared";
import type { Delivery } from "../connection/message-queue";
import type { Stop } from "../connection/emitter";
import type { Room } from "./room";

/** The part of a room that a capability of the client may use. */
export interface ClientHost {
  /** The client's id in the room. */
  readonly id: string;
  /** Whether the room has sent `$hello` on the current connection. */
  readonly isReady: boolean;
  /** Sends `[$name, payload]` now. It is dropped if it cannot be sent now. */
  send(payload: unknown): Delivery;
  /** Makes a library call, such as `$history`. */
  call(name: string, input: unknown): Promise<unknown>;
  /** Reports an error to the listeners of `room.onError`. */
  error(error: PartyError): void;
  /** Calls a function when the room is open, after its status listeners, and when it is lost. */
  onStatus(listener: () => void): Stop;
}

/**
 * A feature of a room on the client, beyond events and calls. Only the name is required. A
 * capability is an imported function over a room, so that an app without it does not ship it.
 */
export interface ClientCapability {
  /** `$name` on the wire and in `$hello`. */
  readonly name: string;
  /** Returns what the client asks for in the upgrade, such as a position. Default: empty text. */
  asks?(): string;
  /** Handles its part of `$hello`, or the answer to a later subscription. */
  onHello?(payload: unknown): void;
  /** The room is open now: the app has its status. Runs after `onHello`. */
  afterHello?(): void;
  /** Handles a frame of this capability. */
  onFrame?(payload: unknown): void;
  /** The connection is lost. */
  onLost?(): void;
  /** The room is closed for good, or until `reconnect`. */
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
 */
export function capabilityOf<C extends Contract, Made extends ClientCapability>(
  room: Room<C>,
  name: string,
  make: (host: ClientHost) => Made,
): Made {
  const holder = holders.get(room);
  if (!holder) throw new TypeError(`${name}(room) takes a room from connect() or useRoom().`);
  return holder.use(name, make);
}
