import type { Contract } from "@partyflare/shared";
import type { ShareOptions } from "./react/address";
import { holdRoom, sharedRoom } from "./react/shared-rooms";
import type { Room } from "./room/room";

/** A room that `shareRoom` gave. */
export interface SharedHandle<C extends Contract> {
  readonly room: Room<C>;
  /** Gives the room up, and this holder's options with it. A second call does nothing. */
  release(): void;
}

/**
 * The room of an address, shared by all parts of a page that ask for it, as `useRoom` shares it in
 * React: two widgets have one socket. The address is where the room is (`host`, `party`, `room`,
 * `path`, `prefix`, `protocol`, and the content of a `query` that is an object) and who connects
 * (`identity` or `token`, `key`, `id`).
 *
 * The room is closed 1 s after the last holder has released it, or up to 30 s after while calls are
 * unanswered. `token`, and a `query` that is a function, are the newest holder's that gives them; the
 * other options are those of the holder that was first.
 *
 * @typeParam C the contract's type.
 * @throws as `connect` does.
 *
 * @example
 * const { room, release } = shareRoom<typeof chat>({ party: "chat", room: "lobby" });
 * const stop = room.on("said", ({ text }) => show(text));
 * // When the widget goes:
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
