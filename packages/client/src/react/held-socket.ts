import type { PartySocketOptions } from "../connection/options";
import type { Stop } from "../connection/emitter";
import { isNewToken } from "./address";
import { PartySocket } from "../socket/party-socket";
import { valueOf } from "../connection/provider";
import type { UsePartySocketOptions } from "./use-party-socket";

const NOTHING = () => {};

/**
 * A socket that is open while a component holds it.
 *
 * Under StrictMode and in a hot reload, React unmounts a component and mounts it again at once. So
 * the socket is closed one turn after its release, unless it is held again by then.
 */
export class HeldSocket {
  readonly socket: PartySocket;
  /** The options of the latest render that used this socket. */
  #options: UsePartySocketOptions;
  /** The token that was used at the latest attempt. */
  #token: UsePartySocketOptions["token"];
  #closing: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #onChange = NOTHING;

  constructor(options: UsePartySocketOptions, identity: { id: string; key: string }) {
    this.#options = options;
    this.socket = new PartySocket(
      {
        ...this.#asking(options),
        id: options.id ?? identity.id,
        key: options.key ?? identity.key,
        startClosed: true,
      },
      {
        renewsToken: () => typeof this.#options.token === "function" || this.#hasNewToken(),
      },
    );
    for (const name of ["Open", "Message", "Close", "Error", "Drop"] as const) {
      this.socket.addEventListener(name.toLowerCase(), (event) => {
        this.#onChange();
        this.#options[`on${name}`]?.(event as never);
      });
    }
  }

  /** Calls a function when `readyState` may have changed. It keeps only the latest function. */
  readonly subscribe = (onChange: () => void): Stop => {
    this.#onChange = onChange;
    return () => {
      this.#onChange = NOTHING;
    };
  };

  /** Replaces the handlers and functions. */
  update(options: UsePartySocketOptions): void {
    this.#options = options;
  }

  /** Opens the socket, or cancels its scheduled close. */
  hold(): void {
    clearTimeout(this.#closing);
    // After a final close because of a token, the room may accept a new one.
    if (this.#isOpen && (this.socket.shouldReconnect || !this.#hasNewToken())) return;
    this.socket.reconnect();
    this.#isOpen = true;
    this.#onChange();
  }

  /** Closes the socket one turn later, unless it is held again by then. */
  release(): void {
    this.#closing = setTimeout(() => {
      this.#isOpen = false;
      this.socket.close();
      this.#onChange();
    });
  }

  #hasNewToken(): boolean {
    return isNewToken(this.#options.token, this.#token);
  }

  /**
   * Replaces the functions among the options with functions that call those of the latest render.
   */
  #asking(options: UsePartySocketOptions): PartySocketOptions {
    return {
      ...options,
      query: (signal) => valueOf(this.#options.query, signal),
      token: (signal) => {
        // The token is asked for when an attempt begins.
        queueMicrotask(() => this.#onChange());
        return valueOf((this.#token = this.#options.token), signal);
      },
      protocols: (signal) => valueOf(this.#options.protocols, signal),
      shouldReconnectOnClose: (event) => this.#options.shouldReconnectOnClose?.(event) ?? true,
    };
  }
}
