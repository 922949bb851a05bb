/** A step that waits for the end of a transaction. */
interface Step {
  readonly run: () => void;
  /** Whether it is also for a transaction that is rolled back. */
  readonly always: boolean;
  /** Runs once it is known that the step never will. */
  readonly drop?: (() => void) | undefined;
}

/**
 * The running stack, transaction included. User code that the library causes to run starts after
 * it, and what a transaction sends leaves after its commit: the platform sends at once what is sent
 * within one, and cannot take it back.
 */
export class Turn {
  /** Is told what a step throws. It calls no user code at once. */
  readonly report: (error: unknown) => void;
  /** What waits for the room to start; undefined once it has. */
  #beforeStart: (() => void)[] | undefined = [];
  /** The steps of the transaction that runs. */
  #held: Step[] | undefined;

  /** @param report is told what a step throws. It must not call user code at once. */
  constructor(report: (error: unknown) => void) {
    this.report = report;
  }

  /** Runs functions when the running stack has ended, in their order. None before the start. */
  after(run: () => void): void {
    if (this.#beforeStart) this.#beforeStart.push(run);
    else queueMicrotask(() => this.attempt(run));
  }

  /**
   * Runs a function in a turn some time from now, also while the room starts: it calls no user code.
   * The platform runs timers outside of transactions, those of the app included. Where the app has
   * all timers that there are, it is the next turn.
   */
  later(run: () => void, ms: number): void {
    const begin = () => queueMicrotask(() => this.attempt(run));
    try {
      setTimeout(begin, ms);
    } catch {
      begin();
    }
  }

  /** The room has started. */
  start(): void {
    const waiting = this.#beforeStart ?? [];
    this.#beforeStart = undefined;
    for (const run of waiting) this.after(run);
  }

  get isInTransaction(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Puts a step off until the running transaction is committed. It never runs after a rollback.
   *
   * @param drop runs in its place as soon as it is rolled back.
   */
  afterCommit(run: () => void, drop?: () => void): void {
    if (this.#held) this.#held.push({ run, always: false, drop });
    else run();
  }

  /** Puts a step off until the running transaction has ended, in either way. */
  afterTransaction(run: () => void): void {
    if (this.#held) this.#held.push({ run, always: true });
    else run();
  }

  /** Runs a transaction, and then its steps. One that is nested leaves them to the outer one. */
  transaction<Result>(run: () => Result): Result {
    const outer = this.#held;
    const held: Step[] = [];
    let isCommitted = false;
    this.#held = held;
    try {
      const result = run();
      isCommitted = true;
      return result;
    } finally {
      this.#held = outer;
      for (const step of held) {
        if (!isCommitted && !step.always) step.drop?.();
        else if (outer) outer.push(step);
        else this.attempt(step.run);
      }
    }
  }

  /** Runs a function. What it throws is reported, and holds up nothing. */
  attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.report(error);
    }
  }
}
