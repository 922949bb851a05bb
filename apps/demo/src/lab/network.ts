import { useSyncExternalStore } from "react";

/** How long a slow network takes for a message, in ms, each way. */
export const SLOW_MS = 1_000;

/** In which direction a connection loses its messages: from this page, or from the room. */
export type Direction = "sent" | "received";

/** What this tab's network does to its connection. */
export interface NetworkState {
  readonly isSlow: boolean;
  /** In which direction the connection of now loses everything; null where it loses nothing. */
  readonly loses: Direction | null;
  /** How many messages it has lost. */
  readonly lost: number;
}

/** A connection that can be made to lose messages. */
interface Lossy {
  lose(direction: Direction): void;
}

/** This tab's network, as far as the page can tamper with it. `LabSocket` does as it says. */
class Network {
  /** When the page last heard the room, in milliseconds since 1970; 0 before it has. */
  heardAtMs = 0;
  #state: NetworkState = { isSlow: false, loses: null, lost: 0 };
  #connection: Lossy | undefined;
  readonly #listeners = new Set<() => void>();

  readonly get = (): NetworkState => this.#state;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  /** How long a message takes from now on, in ms. */
  get delayMs(): number {
    return this.#state.isSlow ? SLOW_MS : 0;
  }

  setSlow(isSlow: boolean): void {
    this.#become({ isSlow });
  }

  /** Loses everything that the connection of now carries in one direction, until its end. */
  lose(direction: Direction): void {
    this.#connection?.lose(direction);
    this.#become({ loses: direction });
  }

  /** There is a new connection, which loses nothing. */
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

/** The network of this tab. */
export const network = new Network();

/** What the network of this tab does, now and later. */
export function useNetwork(): NetworkState {
  return useSyncExternalStore(network.subscribe, network.get);
}
