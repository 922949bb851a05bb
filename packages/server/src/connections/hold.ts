/**
 * What a transaction sends, until it has been committed: the platform sends at once what is sent
 * within one, and cannot take it back when it is rolled back.
 */
export class Hold {
  #held: (() => void)[] | undefined;

  /** Puts a step off, if a transaction is running. */
  put(step: () => void): boolean {
    this.#held?.push(step);
    return this.#held !== undefined;
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
    for (const step of held) if (!this.put(step)) step();
    return result;
  }
}
