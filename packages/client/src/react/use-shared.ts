import type { Contract, Immutable, SharedOf } from "@partyflare/shared";
import { useSyncExternalStore } from "react";
import { type SharedStatus, sharedValueOf } from "../capabilities/shared-state/shared-value";
import type { Room } from "../room/room";
import { type Source, useSelection } from "./selection";

/**
 * Returns the shared state of a room; undefined before the first snapshot. The component renders
 * again after every change, once for each message of the room.
 *
 * On a server and during hydration, it is the `initialValue` of `sharedState`. Call that before this
 * hook.
 */
export function useShared<C extends Contract>(room: Room<C>): Immutable<SharedOf<C>> | undefined;

/**
 * Returns what a function selects from the shared state; undefined before the first snapshot. The
 * component renders again only when the result has changed.
 *
 * @param select may be a new function at every render, and use its props. It is not called before
 *   there is a value.
 * @param isEqual compares two results. Default: by identity, and arrays and plain objects by their
 *   items. The component keeps the earlier result if they are equal.
 *
 * @example
 * const phase = useShared(room, (poll) => poll.phase);
 */
export function useShared<C extends Contract, Selected>(
  room: Room<C>,
  select: (value: Immutable<SharedOf<C>>) => Selected,
  isEqual?: (one: Selected, other: Selected) => boolean,
): Selected | undefined;

export function useShared(
  room: Room<Contract>,
  select?: (value: unknown) => unknown,
  isEqual?: (one: unknown, other: unknown) => boolean,
): unknown {
  const shared = sharedValueOf(room);
  const source: Source<unknown> = {
    subscribe: shared.subscribe,
    now: () => shared.value,
    onServer: () => shared.initial,
  };
  return useSelection(source, select, isEqual);
}

/**
 * Returns whether a client has the shared state of a room: `loading`, `live` or `stale`. On a server
 * and during hydration, it is `loading`.
 *
 * @example
 * const isStale = useSharedStatus(room) === "stale";
 */
export function useSharedStatus<C extends Contract>(room: Room<C>): SharedStatus {
  const shared = sharedValueOf(room);
  return useSyncExternalStore(
    shared.subscribe,
    () => shared.status,
    () => "loading",
  );
}
