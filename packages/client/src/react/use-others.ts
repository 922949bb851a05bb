import type { Contract } from "@partyflare/shared";
import { NOBODY } from "../capabilities/presence/member-list";
import type { Member } from "../capabilities/presence/member";
import { presence } from "../capabilities/presence/presence";
import type { Room } from "../room/room";
import { type Source, useSelection } from "./selection";

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
  select?: (others: Others<C>) => unknown,
  isEqual?: (one: unknown, other: unknown) => boolean,
): unknown {
  const here = presence(room);
  const source: Source<Others<C>> = {
    subscribe: here.subscribe,
    now: () => here.state.others,
    onServer: () => NOBODY.others as unknown as Others<C>,
  };
  return useSelection(source, select, isEqual);
}
