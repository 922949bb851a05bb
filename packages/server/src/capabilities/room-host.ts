import type { Contract } from "@partyflare/shared";
import { encodeCapability } from "@partyflare/shared/internal";
import type { Registry } from "../connections/registry";
import type { RoomConnection } from "../connections/room-connection";
import type { RoomStorage } from "../storage/room-storage";
import type { Turn } from "../turn";
import type { Host } from "./capability";

/** The parts of a room that its capabilities may use. */
interface HostParts {
  readonly contract: Contract;
  readonly registry: Registry;
  readonly storage: RoomStorage;
  readonly turn: Turn;
}

/** The `Host` that a room gives its capabilities. */
export class RoomHost implements Host {
  readonly contract: Contract;
  readonly storage: RoomStorage;
  readonly #registry: Registry;
  readonly #turn: Turn;

  constructor({ contract, registry, storage, turn }: HostParts) {
    this.contract = contract;
    this.storage = storage;
    this.#registry = registry;
    this.#turn = turn;
  }

  connections(): Iterable<RoomConnection> {
    return this.#registry.all();
  }

  connection(id: string): RoomConnection | undefined {
    return this.#registry.get(id);
  }

  connectionsOf(client: string): Iterable<RoomConnection> {
    return this.#registry.ofClient(client);
  }

  tell(to: Iterable<RoomConnection>, name: string, payload: () => unknown): void {
    const receivers = [...to].filter(({ isFramed }) => isFramed);
    this.#turn.afterTransaction(() => {
      if (receivers.length === 0) return;
      const frame = encodeCapability(name, payload());
      for (const connection of receivers) connection.transmit(frame);
    });
  }

  afterTurn(run: () => void): void {
    this.#turn.after(run);
  }

  later(run: () => void, ms: number): void {
    this.#turn.later(run, ms);
  }

  now(): number {
    return Date.now();
  }
}
