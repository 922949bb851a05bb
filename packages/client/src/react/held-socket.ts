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
 * React gives up and takes again at once what it means to keep: under StrictMode, in a hot reload.
 * So the socket is closed only a turn after it was released, if nobody has held it again by then.
 */
export class HeldSocket {
  readonly socket: PartySocket;
  /** As they were in the latest render that used this socket. */
  #options: UsePartySocketOptions;
  /** As it was given at the latest attempt. */
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

  /** Calls one function, the latest, when `readyState` may be another. */
  readonly subscribe = (onChange: () => void): Stop => {
    this.#onChange = onChange;
    return () => {
      this.#onChange = NOTHING;
    };
  };

  /** From now on, these handlers and functions are called. */
  update(options: UsePartySocketOptions): void {
    this.#options = options;
  }

  /** Opens the socket, or leaves it open where it was about to be closed. */
  hold(): void {
    clearTimeout(this.#closing);
    // Where the room has closed for good on a token, a new one may be one that it takes.
    if (this.#isOpen && (this.socket.shouldReconnect || !this.#hasNewToken())) return;
    this.socket.reconnect();
    this.#isOpen = true;
    this.#onChange();
  }

  /** Closes the socket, unless it is held again by then. */
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

  /** What the socket asks before an attempt is asked of the latest render's functions. */
  #asking(options: UsePartySocketOptions): PartySocketOptions {
    return {
      ...options,
      query: (signal) => valueOf(this.#options.query, signal),
      token: (signal) => {
        // It is asked as an attempt begins.
        queueMicrotask(() => this.#onChange());
        return valueOf((this.#token = this.#options.token), signal);
      },
      protocols: (signal) => valueOf(this.#options.protocols, signal),
      shouldReconnectOnClose: (event) => this.#options.shouldReconnectOnClose?.(event) ?? true,
    };
  }
}
