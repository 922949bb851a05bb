import type { Counts } from "../../cost/day.ts";
import { countRows, rowsSoFar } from "../rows.ts";

/** What all metered rooms of this Worker have come to so far. */
const counts = { requests: 0, messages: 0, rowsRead: 0, rowsWritten: 0 };

/** Timers that are set at the moment, and since when there has been one without a break. */
const timers = new Set<unknown>();
let heldSinceMs = 0;
let heldMs = 0;
let areTimersMetered = false;

/** The platform's entry points, and what they are billed as. */
const ENTRIES = {
  fetch: "requests",
  alarm: "requests",
  webSocketMessage: "messages",
} as const satisfies Record<string, keyof typeof counts>;

/** Counts what the platform bills a room for. Called first by its constructor, whatever it is written with. */
export function meter(room: object, { storage }: DurableObjectState): void {
  for (const [entry, billed] of Object.entries(ENTRIES)) {
    meterMethod(room, entry, () => (counts[billed] += 1));
  }
  countRows(storage.sql);
  // Keys and values are rows of a hidden table, and an alarm that is set is one written.
  for (const store of [storage, storage.kv]) {
    meterMethod(store, "get", () => (counts.rowsRead += 1));
    meterMethod(store, "put", () => (counts.rowsWritten += 1));
    meterMethod(store, "delete", () => (counts.rowsWritten += 1));
  }
  meterMethod(storage, "setAlarm", () => (counts.rowsWritten += 1));
  if (!areTimersMetered) meterTimers();
  areTimersMetered = true;
}

/** A message that came by a listener: a socket that was accepted for memory calls no entry point. */
export function meterMessage(): void {
  counts.messages += 1;
}

/** What has been counted so far. */
export function countsSoFar(): Counts {
  const { read, written } = rowsSoFar();
  const running = timers.size > 0 ? Date.now() - heldSinceMs : 0;
  return {
    ...counts,
    rowsRead: counts.rowsRead + read,
    rowsWritten: counts.rowsWritten + written,
    heldMs: heldMs + running,
  };
}

function meterMethod(of: object, name: string, count: () => void): void {
  const method: unknown = Reflect.get(of, name);
  if (typeof method !== "function") return;
  const metered = (...parameters: unknown[]): unknown => {
    count();
    return Reflect.apply(method, of, parameters);
  };
  Object.defineProperty(of, name, { value: metered, configurable: true });
}

/** A room with a timer does not hibernate. Each server here has one room that works at a time. */
function meterTimers(): void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const end = (timer: unknown) => {
    if (timers.delete(timer) && timers.size === 0) heldMs += Date.now() - heldSinceMs;
  };
  const metered = (
    callback: (...parameters: unknown[]) => void,
    ms?: number,
    ...rest: unknown[]
  ) => {
    const timer = set(() => {
      end(timer);
      callback(...rest);
    }, ms);
    if (timers.size === 0) heldSinceMs = Date.now();
    timers.add(timer);
    return timer;
  };
  const cleared = (timer: Parameters<typeof clear>[0]) => {
    end(timer);
    clear(timer);
  };
  Object.assign(globalThis, { setTimeout: metered, clearTimeout: cleared });
}
