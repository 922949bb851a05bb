import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Stop } from "../connection/emitter";

/** A store that a component selects from. */
export interface Source<State> {
  readonly subscribe: (onChange: () => void) => Stop;
  /** Returns the state. It is the same object until it changes; undefined if there is none yet. */
  readonly now: () => State | undefined;
  /** Returns the state on a server and during hydration. */
  readonly onServer: () => State | undefined;
}

/**
 * Returns what a function selects from a store; undefined if the store has no state yet. The
 * component renders again only when the result has changed.
 *
 * @param select may be a new function at every render. Default: the whole state.
 * @param isEqual compares two results. Default: by identity, and arrays and plain objects by their
 *   items. The component keeps the earlier result if they are equal.
 */
export function useSelection<State>(
  { subscribe, now, onServer }: Source<State>,
  select: (state: State) => unknown = (state) => state,
  isEqual: (one: unknown, other: unknown) => boolean = isShallowEqual,
): unknown {
  const shown = useRef<Result>(undefined);
  // oxlint-disable-next-line react/refs -- React's own useSyncExternalStoreWithSelector reads one too
  const selectFrom = useMemo(() => selecting(select, isEqual, shown), [select, isEqual]);

  const selected = useSyncExternalStore(
    subscribe,
    () => selectFrom(now()),
    () => selectFrom(onServer()),
  );
  useEffect(() => {
    shown.current = { selected };
  }, [selected]);
  return selected;
}

/** The result of a selection. */
interface Result {
  readonly selected: unknown;
}

/**
 * Returns a selection that keeps its result until a different one is selected.
 *
 * @param shown holds the result that the component shows, which an earlier selection has made.
 */
function selecting<State>(
  select: (state: State) => unknown,
  isEqual: (one: unknown, other: unknown) => boolean,
  shown: { readonly current: Result | undefined },
): (state: State | undefined) => unknown {
  let last: (Result & { readonly state: State }) | undefined;
  return (state) => {
    // Neither function takes a state that is not there, nor its selection.
    if (state === undefined) return undefined;
    if (last?.state === state) return last.selected;
    const selected = select(state);
    const before = (last ?? shown.current)?.selected;
    const isKept = before !== undefined && isEqual(before, selected);
    last = { state, selected: isKept ? before : selected };
    return last.selected;
  };
}

/** Whether two values are identical, or arrays or plain objects with identical items. */
function isShallowEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && Object.is(one[key], other[key]))
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
