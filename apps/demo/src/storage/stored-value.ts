import { useSyncExternalStore } from "react";

/** One text that the browser keeps, and that components can watch. */
export interface StoredValue {
  /** What is kept; null when nothing is. */
  readonly get: () => string | null;
  readonly set: (text: string) => void;
  /** Calls back whenever it changes, in this tab or another. Returns how to stop. */
  readonly subscribe: (changed: () => void) => () => void;
}

/**
 * A text in `localStorage`: this browser's, in all its tabs, for good. Where storage is forbidden
 * or full, it is kept for as long as the page lives.
 */
export function storedValue(key: string): StoredValue {
  const listeners = new Set<() => void>();
  let unsaved: string | null = null;
  return {
    get: () => unsaved ?? attempt(() => localStorage.getItem(key)) ?? null,
    set(text) {
      const saved = attempt(() => (localStorage.setItem(key, text), true));
      unsaved = saved ? null : text;
      for (const changed of listeners) changed();
    },
    subscribe(changed) {
      const onStorage = (event: StorageEvent) => {
        if (event.key === key || event.key === null) changed();
      };
      listeners.add(changed);
      addEventListener("storage", onStorage);
      return () => {
        listeners.delete(changed);
        removeEventListener("storage", onStorage);
      };
    },
  };
}

/** What is kept, and will be. */
export function useStoredValue(value: StoredValue): string | null {
  return useSyncExternalStore(value.subscribe, value.get);
}

/** Undefined where storage throws: where cookies are blocked, and when it is full. */
export function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
