import type { PartySocketOptions } from "../connection/options";
import { PartySocket } from "../socket/party-socket";
import { valueOf } from "../connection/provider";
import type { UsePartySocketOptions } from "./use-party-socket";

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
  #closing: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(options: UsePartySocketOptions, identity: { id: string; key: string }) {
    this.#options = options;
    this.socket = new PartySocket(
      {
        ...this.#asking(options),
        id: options.id ?? identity.id,
        key: options.key ?? identity.key,
        startClosed: true,
      },
      { renewsToken: () => typeof this.#options.token === "function" },
    );
    this.socket.addEventListener("open", (event) => this.#options.onOpen?.(event));
    this.socket.addEventListener("message", (event) => this.#options.onMessage?.(event));
    this.socket.addEventListener("close", (event) => this.#options.onClose?.(event));
    this.socket.addEventListener("error", (event) => this.#options.onError?.(event));
    this.socket.addEventListener("drop", (event) => this.#options.onDrop?.(event));
  }

  /** From now on, these handlers and functions are called. */
  update(options: UsePartySocketOptions): void {
    this.#options = options;
  }

  /** Opens the socket, or leaves it open where it was about to be closed. */
  hold(): void {
    clearTimeout(this.#closing);
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.socket.reconnect();
  }

  /** Closes the socket, unless it is held again by then. */
  release(): void {
    this.#closing = setTimeout(() => {
      this.#isOpen = false;
      this.socket.close();
    });
  }

  /** What the socket asks before an attempt is asked of the latest render's functions. */
  #asking(options: UsePartySocketOptions): PartySocketOptions {
    return {
      ...options,
      query: (signal) => valueOf(this.#options.query, signal),
      token: (signal) => valueOf(this.#options.token, signal),
      protocols: (signal) => valueOf(this.#options.protocols, signal),
      shouldReconnectOnClose: (event) => this.#options.shouldReconnectOnClose?.(event) ?? true,
    };
  }
}
