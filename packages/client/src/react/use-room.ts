import type { Contract } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState, useSyncExternalStore } from "react";
import type { ConnectOptions } from "../connection/options";
import type { Room } from "../room/room";
import type { SharingOptions } from "./address";
import { SharedRoom } from "./shared-room";
import { holdRoom, onRoomsChange, sharedRoom } from "./shared-rooms";
import { useSteadyAddress } from "./use-steady-address";

/** Options of `useRoom`: those of `connect`, and those of sharing. */
export interface UseRoomOptions extends ConnectOptions, SharingOptions {}

/**
 * Returns the room at an address. It is connected while a component that uses it is mounted.
 *
 * All components with the same address share one socket. The address is the room's location and the
 * client's credentials. The location is `host`, `party`, `room`, `path`, `prefix`, `protocol`, and
 * the content of a `query` that is an object. The credentials are `identity` or `token`, `key` and
 * `id`. Another address has another `Room`. A component without credentials shares the room of a
 * component that has them.
 *
 * `token`, and a `query` that is a function, come from the latest render that sets them. The other
 * options come from the first component. The room closes 1 s after its last component unmounts, so
 * that the next page can take it over. It stays open for up to 30 s while calls are unanswered.
 *
 * It connects once under StrictMode. On a server it returns a room that does not connect.
 *
 * @typeParam C the contract's type.
 *
 * @throws PartyError `invalid` if a part of the address is another in each render, such as a random
 *   id. Keep it with `useState`.
 *
 * @example
 * const room = useRoom<typeof chat>({ party: "chat", room: id });
 * useEvent(room, "said", ({ by, text }) => add({ by, text }));
 * return <button onClick={() => room.emit("say", { text: "hello" })}>Say hello</button>;
 */
export function useRoom<C extends Contract = {}>(options: UseRoomOptions): Room<C> {
  const { enabled = true, token } = options;
  useSteadyAddress("useRoom", options);
  const [holder] = useState(() => ({}));
  const find = () => sharedRoom(options, holder);
  // A server renders for many visitors, who must not share a room. It runs no effects.
  const findOnServer = () => (typeof window === "undefined" ? new SharedRoom(options) : find());
  const shared = useSyncExternalStore(onRoomsChange, find, findOnServer);

  // An insertion effect sets the room's options before the effect below connects any component.
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
