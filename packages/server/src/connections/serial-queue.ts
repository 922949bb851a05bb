import { MAX_WAITING_BYTES, MAX_WAITING_MESSAGES } from "@partyflare/shared/internal";
import { logError } from "../log";

interface Waiting {
  readonly run: () => void | Promise<void>;
  readonly bytes: number;
}

/**
 * Runs what happens to one connection one after the other: its `onConnect`, its messages, its
 * `onClose`. The platform interleaves async handlers even on one socket; this does not. With nothing
 * in the way it runs at once, so that a synchronous handler costs no promise.
 */
export class SerialQueue {
  #isBusy = false;
  #draining: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;

  /** Whether the next one has to wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether one more of `bytes` may wait: at most 1,024 do, of 4 MiB together. */
  admits(bytes: number): boolean {
    return (
      this.#waiting.length < MAX_WAITING_MESSAGES && this.#waitingBytes + bytes <= MAX_WAITING_BYTES
    );
  }

  /**
   * Runs a function now, or after those before it.
   *
   * @param run catches its own errors. What it throws all the same goes to the log, and holds up
   *   nothing.
   * @param bytes what it holds in memory while it waits.
   * @returns a promise of the moment when the queue is empty, where that is not now.
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

  /** The moment when nothing waits or runs any more; undefined where that is now. */
  get settled(): Promise<void> | undefined {
    return this.#draining;
  }

  /** Drops what waits. What runs goes on. */
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
