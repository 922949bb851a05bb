import { TAKEN_WITHIN_MS } from "@partyflare/shared/internal";
import { closeSocket, GOING_AWAY } from "./socket";

/**
 * The client's end of a socket pair, until it has left with the response. The platform reports no
 * end of a socket whose other half no response has taken.
 */
export class ClientEnd {
  readonly #socket: WebSocket;
  #offeredAtMs = 0;
  #isTaken = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** The response is about to leave. */
  offer(nowMs: number): void {
    this.#offeredAtMs = nowMs;
  }

  /** Whether the response is known to have taken it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Whether no response has taken it in time: it is closed then. An end that was taken cannot be
   * accepted any more, and one that was not can.
   */
  isLeftOver(nowMs: number): boolean {
    if (this.#isTaken || nowMs - this.#offeredAtMs < TAKEN_WITHIN_MS) return false;
    this.#isTaken = true;
    return this.close();
  }

  /** Closes an end that no response has taken: left alone, it keeps the room awake. */
  close(): boolean {
    try {
      this.#socket.accept();
    } catch {
      return false;
    }
    closeSocket(this.#socket, GOING_AWAY, "");
    return true;
  }
}
