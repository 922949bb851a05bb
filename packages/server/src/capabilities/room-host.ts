import type { Contract } from "@partyflare/shared";
import { encodeCapability } from "@partyflare/shared/internal";
import type { Registry } from "../connections/registry";
import type { RoomConnection } from "../connections/room-connection";
import { errorBoundary, type ErrorListener } from "../incoming/error-boundary";
import type { Batch } from "../outgoing/batch";
import type { RoomStorage } from "../storage/room-storage";
import type { Turn } from "../turn";
import type { Alarms } from "./alarms";
import type { Capability, Host } from "./capability";

/** The parts of a room that its capabilities may use. */
export interface HostParts {
  readonly contract: Contract;
  readonly party: ErrorListener;
  readonly registry: Registry;
  readonly storage: RoomStorage;
  readonly alarms: Alarms;
  readonly turn: Turn;
  readonly batch: Batch;
  /** Keeps the room in memory until the work is done. */
  keepAwake(work: void | Promise<void>): void;
}

/** The `Host` that a room gives one of its capabilities. */
export class RoomHost implements Host {
  readonly contract: Contract;
  readonly storage: RoomStorage;
  readonly #room: HostParts;
  readonly #capability: () => Capability;

  /** @param capability returns the capability. It is called once that is made. */
  constructor(room: HostParts, capability: () => Capability) {
    this.contract = room.contract;
    this.storage = room.storage;
    this.#room = room;
    this.#capability = capability;
  }

  connections(): Iterable<RoomConnection> {
    return this.#room.registry.all();
  }

  connection(id: string): RoomConnection | undefined {
    return this.#room.registry.get(id);
  }

  connectionsOf(client: string): Iterable<RoomConnection> {
    return this.#room.registry.ofClient(client);
  }

  *subscribers(): Generator<RoomConnection, void, undefined> {
    const { name } = this.#capability();
    for (const connection of this.#room.registry.all()) {
      if (connection.data.isSubscribed(name)) yield connection;
    }
  }

  send(to: Iterable<RoomConnection>, payload: () => unknown): void {
    const { name } = this.#capability();
    const receivers = [...to].filter((connection) => connection.data.isSubscribed(name));
    this.#room.turn.afterTransaction(() => {
      if (receivers.length === 0) return;
      const frame = encodeCapability(name, payload());
      for (const connection of receivers) connection.transmit(frame);
    });
  }

  sendWithNext(connection: RoomConnection, payload: () => unknown): void {
    const { name } = this.#capability();
    if (!connection.data.isSubscribed(name)) return;
    this.#room.turn.afterTransaction(() => {
      const sent = payload();
      if (sent !== undefined) this.#room.batch.queue(connection, encodeCapability(name, sent));
    });
  }

  get batchWindowMs(): number {
    return this.#room.batch.windowMs;
  }

  afterTurn(run: () => void): void {
    this.#room.turn.after(run);
  }

  later(run: () => void, ms: number): void {
    this.#room.turn.later(run, ms);
  }

  runHook(hook: () => unknown, connection?: RoomConnection): void {
    const context = { connection, during: "capability", name: this.#capability().name } as const;
    this.#room.keepAwake(errorBoundary(this.#room.party, context, hook));
  }

  wakeAt(timeMs: number | null): void {
    const capability = this.#capability();
    const { name } = capability;
    // Otherwise the party's `onAlarm` would run.
    if (!capability.onAlarm)
      throw new TypeError(`${name}: a capability that calls wakeAt has an onAlarm.`);
    this.#room.alarms.set(name, timeMs);
  }

  now(): number {
    return Date.now();
  }
}
