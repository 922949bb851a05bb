import { type Host, type RoomConnection, synchronous } from "../capability";

/** How often in a row a hook may cause itself to run again. */
const MAX_ROUNDS = 8;

/**
 * Runs the app's functions. One that changes the state or tags of a connection causes others to
 * run. This ends a chain of them, which would keep the room busy for ever.
 */
export class Hooks {
  readonly #host: Host;
  #isRunning = false;
  #hasCaused = false;
  #rounds = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Calls a function that has to be synchronous, and returns its result.
   *
   * @throws what it throws; TypeError if it returns a promise.
   */
  call(name: string, hook: () => unknown): unknown {
    return synchronous(`presence({ ${name} })`, this.#run(hook));
  }

  /** The same. After an error, which `onError` gets, it returns the value for errors. */
  ask<Result>(
    name: string,
    hook: () => unknown,
    read: (result: unknown) => Result,
    onError: Result,
    connection?: RoomConnection,
  ): Result {
    let answer = onError;
    this.#host.runHook(() => {
      answer = read(this.call(name, hook));
    }, connection);
    return answer;
  }

  /** Calls a function that may be async, after the turn. */
  tell(hook: () => unknown): void {
    this.#host.afterTurn(() => this.#host.runHook(() => this.#run(hook)));
  }

  /** Something has happened in the room that no hook has caused. */
  reset(): void {
    this.#rounds = 0;
  }

  /** A round of hooks begins. */
  begin(): void {
    if (this.#hasCaused) this.#rounds += 1;
    this.#hasCaused = false;
  }

  /** Returns whether hooks may run for a change of a connection's state or tags. */
  mayFollow(connection: RoomConnection): boolean {
    if (!this.#isRunning) {
      this.reset();
      return true;
    }
    if (this.#rounds < MAX_ROUNDS) return (this.#hasCaused = true);
    this.#host.runHook(() => {
      throw new Error(
        `A function of presence() changes a connection each time it runs: stopped after ${MAX_ROUNDS} times.`,
      );
    }, connection);
    return false;
  }

  #run(hook: () => unknown): unknown {
    const isNested = this.#isRunning;
    this.#isRunning = true;
    try {
      return hook();
    } finally {
      this.#isRunning = isNested;
    }
  }
}
