/**
 * What a transaction sends, until it has been committed: the platform sends at once what is sent
 * within one, and cannot take it back when it is rolled back.
 */
export class Hold {
  #held: (() => void)[] | undefined;

  /** Whether a transaction is running. Asked first: most steps need not even be written down. */
  get isOn(): boolean {
    return this.#held !== undefined;
  }

  /** Puts a step off, in a transaction. */
  put(step: () => void): void {
    this.#held?.push(step);
  }

  /** Runs a transaction. What it has put off is done after it, or never if it throws. */
  run<Result>(transaction: () => Result): Result {
    const outer = this.#held;
    const held: (() => void)[] = [];
    this.#held = held;
    let result: Result;
    try {
      result = transaction();
    } finally {
      this.#held = outer;
    }
    for (const step of held) {
      if (this.isOn) this.put(step);
      else step();
    }
    return result;
  }
}
