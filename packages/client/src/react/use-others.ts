import type { Contract } from "@partyflare/shared";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { NOBODY } from "../capabilities/presence/member-list";
import type { Member } from "../capabilities/presence/member";
import { presence } from "../capabilities/presence/presence";
import type { Room } from "../room/room";

/** The other members of a room. It is the same array until one of them changes. */
type Others<C extends Contract> = readonly Member<C>[];

/**
 * Returns the other members of a room. The component renders again when one of them joins, changes
 * or leaves, but not when only `me` changes. On a server and during hydration, the list is empty.
 */
export function useOthers<C extends Contract>(room: Room<C>): Others<C>;

/**
 * Returns what a function selects from the other members. The component renders again only when the
 * result has changed.
 *
 * @param select may be a new function at every render, and use its props.
 * @param isEqual compares two results. Default: by identity, and arrays and plain objects by their
 *   items. The component keeps the earlier result if they are equal.
 *
 * @example
 * const names = useOthers(room, (others) => others.map(({ info }) => info.name));
 */
export function useOthers<C extends Contract, Selected>(
  room: Room<C>,
  select: (others: Others<C>) => Selected,
  isEqual?: (one: Selected, other: Selected) => boolean,
): Selected;

export function useOthers<C extends Contract>(
  room: Room<C>,
  select: (others: Others<C>) => unknown = (others) => others,
  isEqual: (one: unknown, other: unknown) => boolean = isShallowEqual,
): unknown {
  const here = presence(room);
  const shown = useRef<Result>(undefined);
  // oxlint-disable-next-line react/refs -- React's own useSyncExternalStoreWithSelector reads one too
  const selectFrom = useMemo(() => selecting(select, isEqual, shown), [select, isEqual]);

  const selected = useSyncExternalStore(
    here.subscribe,
    () => selectFrom(here.state.others),
    () => selectFrom(NOBODY.others as unknown as Others<C>),
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
function selecting<Others>(
  select: (others: Others) => unknown,
  isEqual: (one: unknown, other: unknown) => boolean,
  shown: { readonly current: Result | undefined },
): (others: Others) => unknown {
  let last: (Result & { readonly others: Others }) | undefined;
  return (others) => {
    if (last?.others === others) return last.selected;
    const selected = select(others);
    const before = last ?? shown.current;
    const isKept = before !== undefined && isEqual(before.selected, selected);
    last = { others, selected: isKept ? before.selected : selected };
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
