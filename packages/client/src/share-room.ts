import type { Contract } from "@partyflare/shared";
import type { ShareOptions } from "./react/address";
import { holdRoom, sharedRoom } from "./react/shared-rooms";
import type { Room } from "./room/room";

/** A room that `shareRoom` returned. */
export interface SharedHandle<C extends Contract> {
  readonly room: Room<C>;
  /** Releases the room and drops this holder's options. A second call does nothing. */
  release(): void;
}

/**
 * Returns the room at an address, shared by all parts of a page that ask for it. Two widgets then
 * use one socket, as two components with `useRoom` do in React.
 *
 * The address is the room's location and the client's credentials. The location is `host`, `party`,
 * `room`, `path`, `prefix`, `protocol`, and the content of a `query` that is an object. The
 * credentials are `identity` or `token`, `key` and `id`.
 *
 * The room closes 1 s after the last holder releases it, or up to 30 s after while calls are
 * unanswered. `token`, and a `query` that is a function, come from the newest holder that sets
 * them. The other options come from the first holder.
 *
 * @typeParam C the contract's type.
 * @throws as `connect` does.
 *
 * @example
 * const { room, release } = shareRoom<typeof chat>({ party: "chat", room: "lobby" });
 * const stop = room.on("said", ({ text }) => show(text));
 * // When the widget is removed:
 * stop();
 * release();
 */
export function shareRoom<C extends Contract = {}>(options: ShareOptions): SharedHandle<C> {
  const holder = {};
  const shared = sharedRoom(options, holder);
  shared.update(holder, options);
  try {
    const stop = holdRoom(shared, options, holder);
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      shared.leave(holder);
      stop();
    };
    return { room: shared.room as unknown as Room<C>, release };
  } catch (error) {
    shared.leave(holder);
    throw error;
  }
}
