import { useSyncExternalStore } from "react";

/** A string in the browser's storage that components can watch. */
export interface StoredValue {
  /** Returns the stored string; null without one. */
  readonly get: () => string | null;
  readonly set: (text: string) => void;
  /**
   * Calls a function when the value changes, in this tab or another. Returns a function that stops
   * it.
   */
  readonly subscribe: (changed: () => void) => () => void;
}

/**
 * Returns a string in `localStorage`, which all tabs of this browser share. If storage is forbidden
 * or full, this page keeps the string in memory.
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

/** Returns the stored string, and renders again when it changes. */
export function useStoredValue(value: StoredValue): string | null {
  return useSyncExternalStore(value.subscribe, value.get);
}

/** Runs an action; undefined if storage throws because cookies are blocked or storage is full. */
export function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
