import { TAKEN_WITHIN_MS } from "@partyflare/shared/internal";
import { closeSocket, GOING_AWAY } from "./socket";

/**
 * The client's end of a socket pair, until a response takes it. Until then the platform does not
 * report the end of the socket.
 */
export class ClientEnd {
  readonly #socket: WebSocket;
  #offeredAtMs = 0;
  #isTaken = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Marks the end as passed to the response. */
  offer(nowMs: number): void {
    this.#offeredAtMs = nowMs;
  }

  /** Whether a response is known to have taken it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Whether no response has taken it in time; it is closed then. It tries to accept the end, which
   * fails only if a response has taken it.
   */
  isLeftOver(nowMs: number): boolean {
    if (this.#isTaken || nowMs - this.#offeredAtMs < TAKEN_WITHIN_MS) return false;
    this.#isTaken = true;
    return this.close();
  }

  /** Closes an end that no response has taken: it would keep the room in memory. */
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
