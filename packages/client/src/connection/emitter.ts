/** A listener, which receives the details of an event. */
type Listener = (...details: never[]) => void;

/** Removes a listener. A second call does nothing. */
export type Stop = () => void;

/** Listeners by name. If one throws, the others still run. */
export class Emitter {
  readonly #listeners = new Map<string, Set<{ listener: Listener }>>();

  /** Adds a listener. One that is added twice is called twice. */
  on(name: string, listener: Listener): Stop {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const entry = { listener };
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  /**
   * Calls the current listeners, in the order in which they were added.
   *
   * @returns whether there were any.
   */
  emit(name: string, ...details: unknown[]): boolean {
    const listeners = this.#listeners.get(name);
    const entries = Array.from(listeners ?? []);
    for (const entry of entries) {
      // An earlier listener may have removed it.
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

/** Reports an error as the platform reports those of its own listeners. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
