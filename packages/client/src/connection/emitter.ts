/** What is called with what has happened. */
type Listener = (...details: never[]) => void;

/** Takes a listener off again. A second call does nothing. */
export type Stop = () => void;

/** Listeners by name. One that throws keeps nothing from the others. */
export class Emitter {
  readonly #listeners = new Map<string, Set<{ listener: Listener }>>();

  /** Adds a listener, as often as it is added. */
  on(name: string, listener: Listener): Stop {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const entry = { listener };
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  /**
   * Calls the listeners there are now, in the order in which they were added.
   *
   * @returns whether there were any.
   */
  emit(name: string, ...details: unknown[]): boolean {
    const listeners = this.#listeners.get(name);
    const entries = Array.from(listeners ?? []);
    for (const entry of entries) {
      // One of those before it may have taken it off.
      if (!listeners?.has(entry)) continue;
      try {
        entry.listener(...(details as never[]));
      } catch (error) {
        report(error);
      }
    }
    return entries.length > 0;
  }
}

/** As the platform does with what its own listeners throw. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
