import type { Contract } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState, useSyncExternalStore } from "react";
import type { ConnectOptions } from "../connection/options";
import type { Room } from "../room/room";
import type { SharingOptions } from "./address";
import { SharedRoom } from "./shared-room";
import { holdRoom, onRoomsChange, sharedRoom } from "./shared-rooms";

/** Where the room is, who connects, and whether to. */
export interface UseRoomOptions extends ConnectOptions, SharingOptions {}

/**
 * The room of an address, connected for as long as a component that asks for it is mounted.
 *
 * There is one socket for an address, however many components ask. The address is where the room is
 * (`host`, `party`, `room`, `path`, `prefix`, `protocol`, and the content of a `query` that is an
 * object) and who connects (`identity` or `token`, `key`, `id`). Another address is another `Room`.
 * A component that leaves out who connects shares the room of a component that says it.
 *
 * `token`, and a `query` that is a function, are those of the latest render that gives them; the
 * other options are those of the component that was first. The room is closed 1 s after the last of
 * them has gone, so that the next page may take it over, or up to 30 s while calls are unanswered.
 *
 * It connects once under StrictMode. On a server it returns a room that does not connect.
 *
 * @typeParam C the contract's type.
 *
 * @example
 * const room = useRoom<typeof chat>({ party: "chat", room: id });
 * useEvent(room, "said", ({ by, text }) => add({ by, text }));
 * return <button onClick={() => room.emit("say", { text: "hello" })}>Say hello</button>;
 */
export function useRoom<C extends Contract = {}>(options: UseRoomOptions): Room<C> {
  const { enabled = true, token } = options;
  const [holder] = useState(() => ({}));
  const find = () => sharedRoom(options, holder);
  // A server renders for many visitors, who share nothing, and runs no effects.
  const findOnServer = () => (typeof window === "undefined" ? new SharedRoom(options) : find());
  const shared = useSyncExternalStore(onRoomsChange, find, findOnServer);

  // Not in the effect below: whose options a room has is settled before any component connects.
  useInsertionEffect(() => shared.update(holder, options));
  useInsertionEffect(() => () => shared.leave(holder), [shared, holder]);

  const newToken = typeof token === "function" || token;
  useEffect(
    () => holdRoom(shared, options, holder),
    // oxlint-disable-next-line react/exhaustive-deps -- of the options, these decide whether to connect
    [shared, holder, enabled, newToken],
  );

  return shared.room as unknown as Room<C>;
}
