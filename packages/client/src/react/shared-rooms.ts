import type { Contract } from "@partyflare/shared";
import type { ConnectOptions } from "../connection/options";
import { valueOf } from "../connection/provider";
import { Room } from "../room/room";

/**
 * How long a room is kept that nobody uses any more. React gives up and takes again at once what it
 * means to keep (StrictMode, hot reload), and a router takes a moment from one page to the next.
 */
const GRACE_MS = 1_000;

/** By address: see `addressOf`. */
const rooms = new Map<string, SharedRoom>();

/** A room that is connected while components hold it, however many they are. */
export class SharedRoom {
  readonly room: Room<Contract>;
  readonly #address: string;
  /** As they were in the latest render that used this room. */
  #options: ConnectOptions;
  #holders = 0;
  #isConnected = false;
  #closing: ReturnType<typeof setTimeout> | undefined;

  private constructor(address: string, options: ConnectOptions) {
    this.#address = address;
    this.#options = options;
    this.room = new Room(
      {
        ...options,
        query: (signal) => valueOf(this.#options.query, signal),
        token: (signal) => valueOf(this.#options.token, signal),
      },
      { startClosed: true, renewsToken: () => typeof this.#options.token === "function" },
    );
  }

  /** The room of an address: the one there is, or a new one, which is not connected yet. */
  static at(address: string, options: ConnectOptions): SharedRoom {
    const known = rooms.get(address);
    if (known) return known;
    const shared = new SharedRoom(address, options);
    // A server renders for many visitors, who share nothing, and runs no effects.
    if (typeof window === "undefined") return shared;
    rooms.set(address, shared);
    // A render may be given up before any effect has run.
    shared.#closeSoon();
    return shared;
  }

  /** From now on, these functions are called. */
  update(options: ConnectOptions): void {
    this.#options = options;
  }

  /**
   * Connects, or stays connected. Whoever holds a room releases it.
   *
   * @returns the room to use: another where this one was given up, and its address taken.
   */
  hold(): SharedRoom {
    const shared = rooms.get(this.#address) ?? this;
    rooms.set(this.#address, shared);
    clearTimeout(shared.#closing);
    shared.#holders += 1;
    if (!shared.#isConnected) shared.room.reconnect();
    shared.#isConnected = true;
    return shared;
  }

  /** Closes the room, unless somebody else holds it, or does so soon. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#closeSoon();
  }

  #closeSoon(): void {
    this.#closing = setTimeout(() => {
      rooms.delete(this.#address);
      this.#isConnected = false;
      this.room.close();
    }, GRACE_MS);
  }
}
