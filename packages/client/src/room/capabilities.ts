import { PartyError } from "@partyflare/shared";
import {
  askedParameter,
  encodeCapability,
  encodeSubscription,
  PING,
} from "@partyflare/shared/internal";
import { report } from "../connection/emitter";
import type { Delivery } from "../connection/message-queue";
import type { CapabilityHolder, ClientCapability, ClientHost } from "./capability";

/** The parts of a room that its capabilities need. */
export interface CapabilitiesHost {
  readonly call: ClientHost["call"];
  readonly error: ClientHost["error"];
  readonly whenSettled: ClientHost["whenSettled"];
  /** The client's id in the room. */
  id(): string;
  /** Whether the room has sent `$hello` on the current connection. */
  isReady(): boolean;
  /** Warns on the console, in development, once for each key. */
  warnOnce(key: string, text: string): void;
  /** Sends a frame ahead of all queued ones. It is lost if the connection is being lost. */
  sendNow(frame: string): void;
  /** Sends a frame after the queued ones, or drops it if it cannot be sent now. */
  send(frame: string): Delivery;
}

/** A method of a capability that handles something. */
type Hook = Exclude<keyof ClientCapability, "asks" | "name" | "title">;

/**
 * The capabilities of a room, in the order of their first use.
 *
 * Any callback may close the room or reconnect it. So each loop ends if the connection that it
 * began with is lost.
 */
export class Capabilities implements CapabilityHolder {
  readonly #host: CapabilitiesHost;
  readonly #made = new Map<string, ClientCapability>();
  /** The capabilities that the URL of the current attempt asks for. */
  #asked = new Set<ClientCapability>();
  /** The capabilities whose hello has arrived. Each connection has a set of its own. */
  #greeted = new Set<ClientCapability>();
  /** What runs at the end of the current turn; undefined if there is none. */
  #afterTurn: Set<() => void> | undefined;
  /** The timers of subscriptions that the room has dropped, on the current connection. */
  readonly #retries: ReturnType<typeof setTimeout>[] = [];

  /** @param core the capabilities of every room. */
  constructor(host: CapabilitiesHost, core: readonly ClientCapability[]) {
    this.#host = host;
    for (const capability of core) this.#made.set(capability.name, capability);
  }

  use<Made extends ClientCapability>(name: string, make: (host: ClientHost) => Made): Made {
    const made = this.#made.get(name);
    // One name is always made by the same function.
    if (made) return made as Made;
    const capability = make(this.#hostOf(name));
    this.#made.set(name, capability);
    if (this.#host.isReady()) this.#subscribe(capability);
    return capability;
  }

  /** Returns the query parameters of an upgrade. Called once for each attempt. */
  asks(): Record<string, string> {
    this.#asked = new Set(this.#made.values());
    const asked: Record<string, string> = {};
    for (const capability of this.#asked) {
      asked[askedParameter(capability.name)] = capability.asks?.() ?? "";
    }
    return asked;
  }

  /**
   * Handles the room's `$hello`.
   *
   * @param open called between `onHello` and `afterHello`. It opens the room for the app.
   */
  hello(parts: Readonly<Record<string, unknown>>, open: () => void): void {
    const greeted = this.#greeted;
    for (const capability of Array.from(this.#made.values())) {
      const part = parts[capability.name];
      if (!this.#asked.has(capability)) this.#subscribe(capability);
      else if (part === undefined) this.#miss(capability);
      else this.#greet(capability, part);
      if (greeted !== this.#greeted) return;
    }
    const inHello = Array.from(greeted);
    open();
    for (const capability of inHello) {
      if (greeted !== this.#greeted) return;
      this.#tell(capability, "afterHello", parts[capability.name]);
    }
  }

  /**
   * Handles a frame of a capability. The first one on a connection is its hello. Frames of a
   * capability that the app does not use are ignored.
   */
  receive(name: string, payload: unknown): void {
    const capability = this.#made.get(name);
    const greeted = this.#greeted;
    if (!capability || !this.#host.isReady()) return;
    if (greeted.has(capability)) return this.#tell(capability, "onFrame", payload);
    this.#greet(capability, payload);
    if (greeted === this.#greeted) this.#tell(capability, "afterHello", payload);
  }

  /** Handles the refusal of a frame. Its name tells whether it is one of a capability. */
  refuse(frame: string | undefined, error: PartyError): void {
    const capability = frame?.startsWith("$") ? this.#made.get(frame.slice(1)) : undefined;
    if (!capability) return;
    if (this.#greeted.has(capability)) return this.#tell(capability, "onRefused", error);
    // Above the rate, the room has not read the subscription.
    if (error.code !== "rate_limited") return;
    this.#retries.push(setTimeout(() => this.#subscribe(capability), error.retryAfterMs));
  }

  /**
   * Handles a message of the room, a change of its status, or the end of a call. What capabilities
   * do at the end of a message runs after all of it.
   */
  turn(handle: () => void): void {
    if (this.#afterTurn) return handle();
    const after = (this.#afterTurn = new Set());
    try {
      handle();
    } finally {
      this.#afterTurn = undefined;
      for (const run of after) run();
    }
  }

  /** Handles a lost connection, or a failed attempt. */
  lose(): void {
    const greeted = this.#greeted;
    this.#greeted = new Set();
    for (const retry of this.#retries.splice(0)) clearTimeout(retry);
    for (const capability of greeted) this.#tell(capability, "onLost");
  }

  /** Handles the final close. */
  close(): void {
    for (const capability of Array.from(this.#made.values())) this.#tell(capability, "onClosed");
  }

  #hostOf(name: string): ClientHost {
    const host = this.#host;
    const { call, error, whenSettled } = host;
    const isReady = () => this.#greeted.has(this.#made.get(name) as ClientCapability);
    return {
      get id() {
        return host.id();
      },
      get isReady() {
        return isReady();
      },
      send: (payload) => (isReady() ? host.send(encodeCapability(name, payload)) : "dropped"),
      ping: () => host.sendNow(PING),
      afterMessage: (run) => (this.#afterTurn ? void this.#afterTurn.add(run) : run()),
      whenSettled,
      call,
      error,
    };
  }

  /** Subscribes on an open connection. If the connection is lost, the next upgrade subscribes. */
  #subscribe(capability: ClientCapability): void {
    this.#host.sendNow(encodeSubscription(capability.name, capability.asks?.() ?? ""));
  }

  #greet(capability: ClientCapability, payload: unknown): void {
    this.#greeted.add(capability);
    this.#tell(capability, "onHello", payload);
  }

  #miss(capability: ClientCapability): void {
    const { name, title = name } = capability;
    if (capability.onMissing) return this.#tell(capability, "onMissing");
    // No event has a name with `$`.
    this.#host.warnOnce(`$${name}`, `${title}(room) does nothing: its party has no ${title}().`);
  }

  #tell(capability: ClientCapability, hook: Hook, payload?: unknown): void {
    try {
      (capability[hook] as ((value: unknown) => void) | undefined)?.call(capability, payload);
    } catch (error) {
      if (error instanceof PartyError) this.#host.error(error);
      else report(error);
    }
  }
}
