/** The part of a capability's host that a window needs. */
interface Clock {
  now(): number;
  afterTurn(run: () => void): void;
  later(run: () => void, ms: number): void;
}

/** The shortest time after which a slow reader is looked at again, in ms. */
const LEAST_RETRY_MS = 50;

/**
 * Limits how often changes are sent. After a quiet window, a change is sent at the end of its turn.
 * Others wait for the end of the window. There is no timer while nothing waits. The timer also
 * keeps the room from hibernating, which would lose what waits.
 */
export class Window {
  readonly #host: Clock;
  readonly #ms: number;
  readonly #onEnd: () => void;
  #endedAtMs = -Infinity;
  #isEnding = false;

  /** @param onEnd sends the changes. */
  constructor(host: Clock, ms: number, onEnd: () => void) {
    this.#host = host;
    this.#ms = ms;
    this.#onEnd = onEnd;
  }

  /** There is a change to send. */
  touch(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    // The clock may have been set back.
    const passedMs = Math.abs(this.#host.now() - this.#endedAtMs);
    if (passedMs >= this.#ms) this.#host.afterTurn(() => this.#end());
    else this.#host.later(() => this.#end(), this.#ms - passedMs);
  }

  /** A slow reader has to be sent something later. */
  retry(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#host.later(() => this.#end(), Math.max(this.#ms, LEAST_RETRY_MS));
  }

  #end(): void {
    this.#isEnding = false;
    this.#endedAtMs = this.#host.now();
    this.#onEnd();
  }
}
