/** A step that runs at the end of a transaction. */
interface Step {
  readonly run: () => void;
  /** Whether the step also runs after a rollback. */
  readonly always: boolean;
  /** Runs once it is certain that the step never will. */
  readonly drop?: (() => void) | undefined;
}

/**
 * The running stack and its transaction. User code that the library triggers runs after the stack.
 * Messages of a transaction are sent after its commit: the platform sends at once, and cannot undo
 * a send.
 */
export class Turn {
  /** Reports an error of a step. It calls no user code at once. */
  readonly report: (error: unknown) => void;
  /** Functions that are queued until the room has started; undefined afterwards. */
  #beforeStart: (() => void)[] | undefined = [];
  /** The steps of the running transaction. */
  #held: Step[] | undefined;

  /** @param report called with an error of a step. It must not call user code at once. */
  constructor(report: (error: unknown) => void) {
    this.report = report;
  }

  /** Runs functions after the running stack, in order, and never before the room has started. */
  after(run: () => void): void {
    if (this.#beforeStart) this.#beforeStart.push(run);
    else queueMicrotask(() => this.attempt(run));
  }

  /**
   * Runs a function in a later turn, after `ms`, also while the room starts. It must not call user
   * code. The platform runs timers outside of transactions, the app's timers included. If the app
   * uses up all timers, the function runs in the next turn.
   */
  later(run: () => void, ms: number): void {
    const begin = () => queueMicrotask(() => this.attempt(run));
    try {
      setTimeout(begin, ms);
    } catch {
      begin();
    }
  }

  /** Marks the room as started. */
  start(): void {
    const waiting = this.#beforeStart ?? [];
    this.#beforeStart = undefined;
    for (const run of waiting) this.after(run);
  }

  get isInTransaction(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Delays a step until the running transaction commits. The step never runs after a rollback.
   *
   * @param drop runs instead, right after a rollback.
   */
  afterCommit(run: () => void, drop?: () => void): void {
    if (this.#held) this.#held.push({ run, always: false, drop });
    else run();
  }

  /** Delays a step until the running transaction ends, committed or rolled back. */
  afterTransaction(run: () => void): void {
    if (this.#held) this.#held.push({ run, always: true });
    else run();
  }

  /** Runs a transaction, and then its steps. A nested one leaves its steps to the outer one. */
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

  /** Runs a function and reports its error, so that later steps still run. */
  attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.report(error);
    }
  }
}
