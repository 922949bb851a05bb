/** Nothing takes so long unless it is lost. */
const PATIENCE_MS = 60_000;

/** What all the connections of a process have received, and who waits for it. */
export class Tally {
  /** Messages since the process began. */
  received = 0;
  /** Bytes of WebSocket frames since the process began, with their headers. */
  receivedBytes = 0;
  #waitsFor = Infinity;
  #wake: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  /** Some have arrived. */
  add(messages: number): void {
    this.received += messages;
    if (this.received >= this.#waitsFor) this.#wake?.();
  }

  /** A connection has ended that nobody closed. */
  lost(error: Error): void {
    this.#fail?.(error);
  }

  /** Waits until so many have been received since the process began. */
  async reach(total: number): Promise<void> {
    if (this.received >= total) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      reject(new Error(`${this.received} messages came, and ${total} were waited for.`));
    }, PATIENCE_MS);
    this.#waitsFor = total;
    this.#wake = resolve;
    this.#fail = reject;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waitsFor = Infinity;
      this.#wake = undefined;
      this.#fail = undefined;
    }
  }
}
