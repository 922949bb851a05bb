import { useSyncExternalStore } from "react";

/** The delay of a slow network, in ms, each way. */
export const SLOW_MS = 1_000;

/** The direction in which a connection loses messages: `sent` by this page, or `received` by it. */
export type Direction = "sent" | "received";

/** The faults of this tab's network. */
export interface NetworkState {
  readonly isSlow: boolean;
  /** The direction in which the current connection loses everything; null without a loss. */
  readonly loses: Direction | null;
  /** The number of lost messages. */
  readonly lost: number;
}

/** A connection that can lose messages. */
interface Lossy {
  lose(direction: Direction): void;
}

/** This tab's simulated network, which controls each `LabSocket`. */
class Network {
  /** When the page last received data from the room, in ms since 1970; 0 before that. */
  heardAtMs = 0;
  /** The number of messages that the page has received. */
  messages = 0;
  #state: NetworkState = { isSlow: false, loses: null, lost: 0 };
  #connection: Lossy | undefined;
  readonly #listeners = new Set<() => void>();

  readonly get = (): NetworkState => this.#state;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  /** The delay of a message from now on, in ms. */
  get delayMs(): number {
    return this.#state.isSlow ? SLOW_MS : 0;
  }

  setSlow(isSlow: boolean): void {
    this.#become({ isSlow });
  }

  /** Loses everything in one direction of the current connection, until it ends. */
  lose(direction: Direction): void {
    this.#connection?.lose(direction);
    this.#become({ loses: direction });
  }

  /** Adds a new connection, which loses nothing. */
  connect(connection: Lossy): void {
    this.#connection = connection;
    this.#become({ loses: null, lost: 0 });
  }

  countLoss(connection: Lossy): void {
    if (connection === this.#connection) this.#become({ lost: this.#state.lost + 1 });
  }

  #become(change: Partial<NetworkState>): void {
    this.#state = { ...this.#state, ...change };
    for (const changed of this.#listeners) changed();
  }
}

export const network = new Network();

/** Returns the faults of this tab's network, and renders again when they change. */
export function useNetwork(): NetworkState {
  return useSyncExternalStore(network.subscribe, network.get);
}
