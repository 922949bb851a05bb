import type { RoomConnection } from "../connections/room-connection";
import type { Capability, Host, IncomingCall, Outcome } from "./capability";
import { onceCalls } from "./once/once-calls";

type LibraryCall = NonNullable<Capability["calls"]>[string];

/** The capabilities of a room, in the order in which its party took them in. */
export class Capabilities {
  readonly #all: Capability[] = [];

  /** Takes in those that the contract asks for. */
  constructor(host: Host) {
    const once = onceCalls(host);
    if (once) this.#all.push(once);
  }

  /** @throws TypeError for a second one of a name. */
  add(capability: Capability): void {
    if (this.#all.some(({ name }) => name === capability.name)) {
      throw new TypeError(`A party uses ${capability.name}() once.`);
    }
    this.#all.push(capability);
  }

  /** The one that has taken over an event. */
  ofEvent(event: string): Capability | undefined {
    return this.#all.find(({ events }) => events?.has(event));
  }

  /** A call that one of them answers. */
  libraryCall(name: string): LibraryCall | undefined {
    for (const { calls } of this.#all) {
      if (calls && Object.hasOwn(calls, name)) return calls[name];
    }
    return undefined;
  }

  start(): void {
    for (const capability of this.#all) capability.onStart?.();
  }

  /** Their parts of `$hello`. */
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

  /** The first one is the outermost. */
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
