import type { Contract } from "@partyflare/shared";
import { valueOf } from "../connection/provider";
import { Room } from "../room/room";
import {
  type Credentials,
  credentialsOf,
  isNewToken,
  locationOf,
  matches,
  type ShareOptions,
} from "./address";

/**
 * How long an unused room stays open. React may unmount and mount a component at once (StrictMode,
 * hot reload). A router needs a moment between two pages.
 */
const GRACE_MS = 1_000;

/** How often that time is extended while calls are unanswered: 30 s in all. */
const MAX_GRACES = 30;

/**
 * A room that is connected while a holder needs it. A holder is a mounted component with its own
 * options. The room uses the holders' current `token` and `query`.
 */
export class SharedRoom {
  readonly room: Room<Contract>;
  readonly location: string;
  /** The credentials that the first holder gave. */
  readonly credentials: Credentials;
  /** The holders' options, those of the latest render last. */
  readonly #holders = new Map<object, ShareOptions>();
  /** The holders that need a connection. */
  readonly #users = new Set<object>();
  /**
   * The options of the last holder with these credentials, for calls that are answered after it has
   * left.
   */
  #leftBehind: ShareOptions;
  /** The value of `isClaimed` at the last notification of the other holders. */
  isKnown = false;
  /** Whether a render that is not committed yet has asked for this room. */
  #isWanted = true;
  #isConnected = false;
  /** The token that was used at the latest attempt. */
  #token: ShareOptions["token"];
  #closing: ReturnType<typeof setTimeout> | undefined;
  readonly #onExpired: () => void;

  /** @param onExpired called when the room is closed and has no holder. */
  constructor(options: ShareOptions, onExpired: () => void = () => {}) {
    this.#onExpired = onExpired;
    this.location = locationOf(options);
    this.credentials = credentialsOf(options);
    this.#leftBehind = options;
    this.room = new Room(
      {
        ...options,
        query: (signal) => valueOf(this.#given("query"), signal),
        token: (signal) => valueOf((this.#token = this.#given("token")), signal),
      },
      {
        startClosed: true,
        isIdle: options.enabled === false,
        renewsToken: () => this.#renewsToken(),
        user: options.identity ?? (typeof options.token === "string" ? options.token : undefined),
      },
    );
  }

  /** Whether a holder, other than the one that asks, gives this room's credentials. */
  isClaimed(asker?: object): boolean {
    if (this.#holders.size === 0) return this.#isWanted;
    return Array.from(this.#holders).some(
      ([holder, options]) => holder !== asker && this.isOf(credentialsOf(options)),
    );
  }

  /** Whether these are the room's credentials. */
  isOf(credentials: Credentials): boolean {
    return matches(credentials, this.credentials) && matches(this.credentials, credentials);
  }

  /** Called when a render asks for the room by its credentials. */
  want(): void {
    this.#isWanted = true;
  }

  /** Adds a holder, or replaces its options. */
  update(holder: object, options: ShareOptions): void {
    this.#holders.delete(holder);
    this.#holders.set(holder, options);
  }

  /** Removes a holder and its options. */
  leave(holder: object): void {
    const options = this.#holders.get(holder);
    if (options && this.isOf(credentialsOf(options))) this.#leftBehind = options;
    this.#holders.delete(holder);
    this.#isWanted = false;
    this.release(holder);
  }

  /**
   * Marks a holder as one that needs a connection.
   *
   * @param isItsRoom false if the holder is about to switch from this room to another.
   */
  hold(holder: object, isItsRoom: boolean): void {
    if (isItsRoom) this.#connect();
    else queueMicrotask(() => this.#users.has(holder) && this.#connect());
    clearTimeout(this.#closing);
    this.#users.add(holder);
  }

  /** Marks a holder as one that needs no connection. */
  release(holder: object): void {
    this.#users.delete(holder);
    this.closeSoon();
  }

  /** Closes the room after `GRACE_MS`, unless a holder needs it by then. */
  closeSoon(): void {
    clearTimeout(this.#closing);
    if (this.#users.size === 0) this.#closing = setTimeout(() => this.#expire(1), GRACE_MS);
  }

  #expire(graces: number): void {
    if (this.room.unanswered > 0 && graces < MAX_GRACES) {
      this.#closing = setTimeout(() => this.#expire(graces + 1), GRACE_MS);
      return;
    }
    this.#isConnected = false;
    this.room.close();
    // A holder keeps the room even if it needs no connection.
    if (this.#holders.size === 0) this.#onExpired();
  }

  #connect(): void {
    // After a final close because of a token, the room may accept a new one.
    const isNew = isNewToken(this.#given("token"), this.#token);
    if (this.#isConnected && !(isNew && this.room.status.state === "closed")) return;
    this.room.reconnect();
    this.#isConnected = true;
  }

  /** Whether there is another token to try after the room has refused one. */
  #renewsToken(): boolean {
    const token = this.#given("token");
    return typeof token === "function" || token !== this.#token;
  }

  /** Returns an option from the latest render that sets it. */
  #given<Name extends "query" | "token">(name: Name): ShareOptions[Name] {
    if (this.#holders.size === 0) return this.#leftBehind[name];
    let given: ShareOptions[Name] = undefined;
    for (const options of this.#holders.values()) given = options[name] ?? given;
    return given;
  }
}
