import type { Contract } from "@partyflare/shared";
import { askedParameter, encodeCapability } from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import { report } from "../incoming/error-boundary";
import type { FailedAlarm } from "./alarms";
import type { Capability, Feature, IncomingCall, Outcome } from "./capability";
import { onceCalls } from "./once/once-calls";
import { type HostParts, RoomHost } from "./room-host";

type LibraryCall = NonNullable<Capability["calls"]>[string];

/**
 * The capabilities of a room. Each phase runs them in the order in which the party added them;
 * those that the contract needs come first.
 */
export class Capabilities {
  readonly #room: HostParts;
  readonly #all: Capability[] = [];
  #mistake: { error: unknown } | undefined;

  constructor(room: HostParts) {
    this.#room = room;
    const once = onceCalls(room.contract);
    if (once) this.use(once);
  }

  /**
   * Adds a capability, and returns its interface for the party.
   *
   * @throws TypeError for a second capability of the same name.
   */
  use<C extends Contract, Api>(feature: Feature<C, Api>): Api {
    try {
      return this.#add(feature);
    } catch (error) {
      this.#mistake ??= { error };
      throw error;
    }
  }

  /** Throws what `use` has thrown. The party's fields below that one are missing. */
  check(): void {
    if (this.#mistake) throw this.#mistake.error;
  }

  #add<C extends Contract, Api>(feature: Feature<C, Api>): Api {
    const host = new RoomHost(this.#room, () => capability);
    // The caller's types ensure that the contract fits.
    const { capability, api } = (feature as unknown as Feature<Contract, Api>)(host);
    if (this.#get(capability.name)) {
      throw new TypeError(`A party can use ${capability.name}() only once.`);
    }
    this.#all.push(capability);
    return api;
  }

  /** Returns the capability that owns an event. */
  ofEvent(event: string): Capability | undefined {
    return this.#all.find(({ events }) => events?.has(event));
  }

  /** Returns a library call that one of them answers. */
  libraryCall(name: string): LibraryCall | undefined {
    for (const { calls } of this.#all) {
      if (calls && Object.hasOwn(calls, name)) return calls[name];
    }
    return undefined;
  }

  start(): void {
    // Before the first transaction, which then finds the epoch of the times.
    if (this.areTimed) this.#room.storage.checkSqlite();
    for (const capability of this.#all) capability.onStart?.();
  }

  /** The capabilities that may refuse a client. */
  get authorizing(): readonly Capability[] {
    return this.#all.filter((capability) => capability.authorize !== undefined);
  }

  /** Returns the parts of `$hello` for which a client has asked, and subscribes it to them. */
  hello(connection: RoomConnection, query: URLSearchParams): Record<string, unknown> {
    const parts: Record<string, unknown> = {};
    for (const capability of this.#all) {
      const asked = query.get(askedParameter(capability.name));
      if (asked !== null) parts[capability.name] = capability.onHello?.(connection, asked) ?? {};
    }
    connection.data.subscribe(Object.keys(parts));
    return parts;
  }

  /** Runs right after `$hello`. */
  afterHello(connection: RoomConnection): void {
    for (const capability of this.#all) {
      if (connection.data.isSubscribed(capability.name)) capability.afterHello?.(connection);
    }
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  /** Whether a capability takes frames of clients. */
  takesFrames(name: string): boolean {
    return this.#get(name)?.onFrame !== undefined;
  }

  /** Subscribes a listed connection to a capability, and answers it. */
  subscribe(connection: RoomConnection, name: string, asked: string): void {
    const capability = this.#get(name);
    const part = capability?.onHello?.(connection, asked) ?? {};
    connection.data.subscribe([name]);
    connection.transmit(encodeCapability(name, part));
    capability?.afterHello?.(connection);
  }

  /** Passes a client's frame to its capability. */
  frame(connection: RoomConnection, name: string, payload: unknown): void | Promise<void> {
    return this.#get(name)?.onFrame?.(connection, payload);
  }

  /** Runs when a connection is listed. If one throws, those before it learn that it has left. */
  connect(connection: RoomConnection): void {
    const connected: Capability[] = [];
    try {
      for (const capability of this.#all) {
        capability.onConnect?.(connection);
        connected.push(capability);
      }
    } catch (error) {
      this.#room.turn.after(() => this.#notify(connected, "onDisconnect", connection));
      throw error;
    }
  }

  /** Runs when the state or the tags have changed. It throws the first error, after all have run. */
  change(connection: RoomConnection): void {
    const errors: unknown[] = [];
    for (const capability of this.#all) {
      try {
        capability.onChange?.(connection);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  afterConnect(connection: RoomConnection): void {
    if (!connection.isOpen) return;
    for (const capability of this.#all) capability.afterConnect?.(connection);
  }

  disconnect(connection: RoomConnection): void {
    this.#notify(this.#all, "onDisconnect", connection);
  }

  outcomeOf(call: IncomingCall): Outcome | undefined {
    for (const capability of this.#all) {
      const outcome = capability.outcomeOf?.(call);
      if (outcome) return outcome;
    }
    return undefined;
  }

  /** Runs a call within all capabilities. The first one is the outermost. */
  aroundCall(call: IncomingCall, run: () => unknown): unknown {
    const around = this.#all.reduceRight<() => unknown>((inner, capability) => {
      return capability.aroundCall ? () => capability.aroundCall?.(call, inner) : inner;
    }, run);
    return around();
  }

  /** Whether one of them needs the room's alarm. */
  get areTimed(): boolean {
    return this.#all.some((capability) => capability.onAlarm !== undefined);
  }

  /** Runs those that are due, and returns their errors. */
  alarm(nowMs: number): readonly FailedAlarm[] {
    const order = this.#all.map(({ name }) => name);
    return this.#room.alarms.ring(nowMs, order, (name) => this.#get(name)?.onAlarm?.(nowMs));
  }

  rollBack(transactionNumber: number): void {
    this.#notify(this.#all, "onRollback", transactionNumber);
  }

  wipe(): void {
    this.#notify(this.#all, "onWiped");
  }

  /** Runs a phase that nobody can refuse. All of them run; their errors are reported. */
  #notify<Phase extends "onDisconnect" | "onRollback" | "onWiped">(
    capabilities: readonly Capability[],
    phase: Phase,
    ...values: Parameters<NonNullable<Capability[Phase]>>
  ): void {
    for (const capability of capabilities) {
      try {
        (capability[phase] as ((...all: typeof values) => void) | undefined)?.apply(
          capability,
          values,
        );
      } catch (error) {
        const context = { during: "capability", name: capability.name } as const;
        this.#room.keepAwake(report(this.#room.party, error, context));
      }
    }
  }

  #get(name: string): Capability | undefined {
    return this.#all.find((capability) => capability.name === name);
  }
}
