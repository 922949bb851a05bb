import type { Contract, ServerEvent, ServerEventName } from "@partyflare/shared";
import { useInsertionEffect, useMemo, useSyncExternalStore } from "react";
import {
  EventList,
  type EventListOptions,
  type EventListState,
  FIRST_LIST,
} from "../capabilities/history/event-list";
import type { Room } from "../room/room";

/** Durable events of one name, and how to come by earlier ones. */
export interface UseHistoryResult<Data> extends EventListState<Data> {
  /**
   * Loads the page before the first event, or tries again what has failed. Does nothing while a page
   * is on its way, and where there are no earlier events. Always the same function.
   */
  loadMore: () => void;
}

/**
 * The durable events of a name, as a list that is kept across reconnects: the last ones, then
 * each one that comes, in order, once. It grows by what comes and by what `loadMore` loads.
 *
 * If the room cannot send all that was missed, the list is replaced by what the room still knows,
 * in one step. On a server, and while its page comes to life, it is empty and loading.
 *
 * @param event one of those that the party's `history()` lists. Another would leave the list empty.
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
