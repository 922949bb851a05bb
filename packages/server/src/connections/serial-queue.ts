import { MAX_WAITING_BYTES, MAX_WAITING_MESSAGES } from "@partyflare/shared/internal";
import { logError } from "../log";

interface Waiting {
  readonly run: () => void | Promise<void>;
  readonly bytes: number;
}

/**
 * Runs the events of one connection one after the other: `onConnect`, messages, `onClose`. The
 * platform interleaves async handlers even on one socket. An empty queue runs a function
 * synchronously, so that a synchronous handler costs no promise.
 */
export class SerialQueue {
  #isBusy = false;
  #draining: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;

  /** Whether the next function would be queued. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /**
   * Whether the queue has space for one more function with `bytes`. It holds at most 1,024, of 4
   * MiB together.
   */
  admits(bytes: number): boolean {
    return (
      this.#waiting.length < MAX_WAITING_MESSAGES && this.#waitingBytes + bytes <= MAX_WAITING_BYTES
    );
  }

  /**
   * Runs a function now, or after those in the queue.
   *
   * @param run handles its own errors. An error that it still throws goes to the log, and the queue
   *   continues.
   * @param bytes the memory that it holds while it is queued.
   * @returns a promise that resolves when the queue is empty; undefined if it is empty now.
   */
  push(run: () => void | Promise<void>, bytes = 0): void | Promise<void> {
    if (this.#isBusy) {
      this.#waiting.push({ run, bytes });
      this.#waitingBytes += bytes;
      return this.#draining;
    }
    this.#isBusy = true;
    const running = attempt(run);
    if (running === undefined && this.#waiting.length === 0) {
      this.#isBusy = false;
      return;
    }
    this.#draining = this.#drain(running);
    return this.#draining;
  }

  /** A promise that resolves when the queue is empty and idle; undefined if it is so now. */
  get settled(): Promise<void> | undefined {
    return this.#draining;
  }

  /** Drops the queued functions. A running one continues. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  async #drain(running: void | Promise<void>): Promise<void> {
    await running;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#waitingBytes -= next.bytes;
      await attempt(next.run);
    }
    this.#isBusy = false;
    this.#draining = undefined;
  }
}

function attempt(run: () => void | Promise<void>): void | Promise<void> {
  try {
    return run()?.catch(logFailure);
  } catch (error) {
    logFailure(error);
  }
}

function logFailure(error: unknown): void {
  logError("a connection's queue", error);
}
