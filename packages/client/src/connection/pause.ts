/** HTML, timers: a timeout is a signed 32-bit number, and a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A wait that can be cut short, or stopped until someone lets it go on. One at a time. */
export class Pause {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: (() => void) | undefined;

  /** Waits. `Infinity` waits until `end` is called; 0 does not wait. */
  wait(durationMs: number): Promise<void> {
    this.end();
    if (durationMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (durationMs === Infinity) return;
      this.#timer = setTimeout(() => this.end(), Math.min(durationMs, LONGEST_TIMER_MS));
    });
  }

  /** Has what waits now wait for so long from now on, and no longer. */
  shorten(durationMs: number): void {
    if (!this.#resolve) return;
    this.hold();
    this.#timer = setTimeout(() => this.end(), Math.min(durationMs, LONGEST_TIMER_MS));
  }

  /** Stops the clock: what waits now goes on waiting until `end` is called. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the wait now, if there is one. */
  end(): void {
    clearTimeout(this.#timer);
    this.#resolve?.();
    this.#resolve = undefined;
  }
}
