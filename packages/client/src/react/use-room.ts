import type { Contract } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState } from "react";
import type { ConnectOptions } from "../connection/options";
import type { Room } from "../room/room";
import { addressOf } from "./address";
import { SharedRoom } from "./shared-rooms";

/** Where the room is, and who connects. */
export interface UseRoomOptions extends ConnectOptions {
  /** Whether this component needs the room to be connected. Default: true. */
  enabled?: boolean;
}

/**
 * The room of an address, connected for as long as a component that asks for it is mounted.
 *
 * There is one socket for an address, however many components ask: `host`, `party`, `room`, `path`,
 * `prefix`, `protocol`, `id`, or a `query` that is an object. They share one `Room`, which has the
 * options of the component that was first; functions are always the latest render's. It is closed
 * 1 s after the last of them has gone, so that the next page may take it over.
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
  const { enabled = true } = options;
  const address = addressOf(options);
  const [current, setCurrent] = useState(() => ({
    address,
    shared: SharedRoom.at(address, options),
  }));
  let { shared } = current;
  if (current.address !== address) {
    shared = SharedRoom.at(address, options);
    setCurrent({ address, shared });
  }

  useInsertionEffect(() => {
    shared.update(options);
  });

  useEffect(() => {
    if (!enabled) return undefined;
    const held = shared.hold();
    // Rare: a component that was hidden for long, while another asked for the same address.
    // oxlint-disable-next-line react/set-state-in-effect -- it is this effect that finds out
    if (held !== shared) setCurrent({ address, shared: held });
    return () => held.release();
  }, [address, shared, enabled]);

  return shared.room as unknown as Room<C>;
}
