import type { Contract } from "@partyflare/shared";
import { useEffect, useSyncExternalStore } from "react";
import { NOBODY } from "../capabilities/presence/member-list";
import {
  presence,
  type Presence,
  type PresenceOptions,
  type PresenceState,
} from "../capabilities/presence/presence";
import type { Room } from "../room/room";

/** The members of a room, with a function that changes this client's own data. */
export interface UsePresenceResult<C extends Contract> extends PresenceState<C> {
  /** Merges fields into this client's own data. It is the same function for one room. */
  set: Presence<C>["set"];
}

/**
 * Returns the members of a room, and a function that changes this client's own data. The component
 * renders again after every change. `useOthers` renders less often.
 *
 * On a server and during hydration, the list is empty.
 *
 * @param options `initial` is the client's first data, if nothing was set yet. `windowMs` is the
 *   shortest time between two frames. Both are those of the first render with this room.
 *
 * @example
 * const { others, set } = usePresence(room, { initial: { cursor: null, typing: false } });
 * return <input onFocus={() => set({ typing: true })} onBlur={() => set({ typing: false })} />;
 */
export function usePresence<C extends Contract>(
  room: Room<C>,
  options?: PresenceOptions<C>,
): UsePresenceResult<C> {
  // During the render, so that the first upgrade asks for the list.
  const here = presence(room);
  // Not during the render: it changes what other components show.
  useEffect(() => {
    presence(room, options);
    // oxlint-disable-next-line react/exhaustive-deps -- the options of the first render count
  }, [room]);

  const state = useSyncExternalStore<PresenceState<C>>(
    here.subscribe,
    () => here.state,
    () => NOBODY as unknown as PresenceState<C>,
  );
  return { ...state, set: here.set };
}
