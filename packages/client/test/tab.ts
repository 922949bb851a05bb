import { vi } from "vitest";

/** A tab of a browser, as far as a session looks at one; `vi.unstubAllGlobals` takes it away. */
export class Tab {
  readonly stored = new Map<string, string>();
  /** The names of the locks that are held, in all tabs. */
  static readonly locks = new Set<string>();
  /** The functions that are called when the page goes. */
  readonly listeners = new Set<() => void>();
  /** Whether nothing more can be stored. */
  isFull = false;

  /** From now on, scripts run in this tab. */
  enter(): this {
    vi.stubGlobal("sessionStorage", {
      getItem: (name: string) => this.stored.get(name) ?? null,
      setItem: (name: string, text: string) => {
        if (this.isFull) throw new DOMException("It is full.", "QuotaExceededError");
        this.stored.set(name, text);
      },
      removeItem: (name: string) => this.stored.delete(name),
    });
    vi.stubGlobal("navigator", { locks: { request } });
    vi.stubGlobal("addEventListener", (name: string, listener: () => void) => {
      if (name === "pagehide") this.listeners.add(listener);
    });
    vi.stubGlobal("removeEventListener", (name: string, listener: () => void) => {
      if (name === "pagehide") this.listeners.delete(listener);
    });
    return this;
  }

  /** The page is left: its locks are free, and nothing of it runs any more. */
  leave(): void {
    for (const listener of this.listeners) listener();
    this.listeners.clear();
    Tab.locks.clear();
  }

  /** Another tab with a copy of what is stored. */
  duplicate(): Tab {
    const copy = new Tab();
    for (const [name, text] of this.stored) copy.stored.set(name, text);
    return copy;
  }
}

/** As `LockManager.request`: but one that is not free is not waited for. */
async function request(
  name: string,
  { signal }: { signal: AbortSignal },
  hold: () => Promise<unknown>,
): Promise<void> {
  await Promise.resolve();
  if (signal.aborted || Tab.locks.has(name)) throw new DOMException("Not free.", "AbortError");
  Tab.locks.add(name);
  await hold();
  Tab.locks.delete(name);
}
