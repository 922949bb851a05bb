import type { RoomConnection } from "../connections/room-connection";
import type { Capability, Host, IncomingCall, Outcome } from "./capability";
import { onceCalls } from "./once/once-calls";

type LibraryCall = NonNullable<Capability["calls"]>[string];

/** The capabilities of a room, in the order in which its party added them. */
export class Capabilities {
  readonly #all: Capability[] = [];

  /** Adds the capabilities that the contract needs. */
  constructor(host: Host) {
    const once = onceCalls(host);
    if (once) this.#all.push(once);
  }

  /** @throws TypeError for a second capability of the same name. */
  add(capability: Capability): void {
    if (this.#all.some(({ name }) => name === capability.name)) {
      throw new TypeError(`A party can use ${capability.name}() only once.`);
    }
    this.#all.push(capability);
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
    for (const capability of this.#all) capability.onStart?.();
  }

  /** Returns their parts of `$hello`. */
  hello(connection: RoomConnection, asked: (name: string) => string | null) {
    const parts: Record<string, unknown> = {};
    for (const capability of this.#all) {
      const { name } = capability;
      parts[name] = capability.onHello?.(connection, asked(name));
    }
    return parts;
  }

  afterHello(connection: RoomConnection): void {
    for (const capability of this.#all) capability.afterHello?.(connection);
  }

  change(connection: RoomConnection): void {
    for (const capability of this.#all) capability.onChange?.(connection);
  }

  afterConnect(connection: RoomConnection): void {
    if (!connection.isOpen) return;
    for (const capability of this.#all) capability.afterConnect?.(connection);
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

  rollBack(transactionNumber: number): void {
    for (const capability of this.#all) capability.onRollback?.(transactionNumber);
  }

  wipe(): void {
    for (const capability of this.#all) capability.onWiped?.();
  }
}
