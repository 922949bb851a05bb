import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import { useInsertionEffect, useMemo, useSyncExternalStore } from "react";
import {
  EventList,
  type EventListOptions,
  type EventListState,
  FIRST_LIST,
} from "../capabilities/history/event-list";
import type { Room } from "../room/room";

/** A list of durable events of one name, with a function that loads earlier ones. */
export interface UseHistoryResult<Data> extends EventListState<Data> {
  /**
   * Loads the page before the first event, or retries a page that failed. It does nothing while a
   * page is loading, or if there are no earlier events. It is always the same function.
   */
  loadMore: () => void;
}

/**
 * Returns the durable events of a name as a list: first the latest ones, then each new one. They
 * are in order, and each appears once. The list survives reconnects. New events and `loadMore`
 * extend it.
 *
 * If the room cannot resend all missed events, the list is replaced in one step by those that the
 * room still has. On a server and during hydration, the list is empty and loading.
 *
 * @param event a name that the party's `history()` lists. The list of any other name stays empty.
 *
 * @example
 * const { events, hasMore, loadMore } = useHistory(room, "said", { limit: 50 });
 * return (
 *   <>
 *     {hasMore && <button onClick={loadMore}>Earlier</button>}
 *     {events.map(({ offset, data }) => <p key={offset}>{data.text}</p>)}
 *   </>
 * );
 */
export function useHistory<C extends Contract, Name extends ServerEventName<C>>(
  room: Room<C>,
  event: Name,
  { limit, keep }: EventListOptions = {},
): UseHistoryResult<ServerEvent<C, Name>> {
  const list = useMemo(() => new EventList(room, event), [room, event]);
  useInsertionEffect(() => {
    list.update({ limit, keep });
  });

  const state = useSyncExternalStore<EventListState<ServerEvent<C, Name>>>(
    list.subscribe,
    () => list.state,
    () => FIRST_LIST,
  );
  return { ...state, loadMore: list.loadMore };
}
