import { randomKey } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState } from "react";
import { randomId } from "../connection/identity";
import type { PartySocketEventMap } from "../socket/socket-events";
import type { PartySocketOptions } from "../connection/options";
import type { PartySocket } from "../socket/party-socket";
import { addressOf } from "./address";
import { HeldSocket } from "./held-socket";

/** Where the room is, who connects, and what to do with what comes. */
export interface UsePartySocketOptions extends Omit<PartySocketOptions, "startClosed"> {
  /** Whether to be connected. Default: true. */
  enabled?: boolean;
  /** Called when the connection is open. */
  onOpen?: (event: PartySocketEventMap["open"]) => void;
  /** Called with every message. */
  onMessage?: (event: PartySocketEventMap["message"]) => void;
  /** Called when a connection has ended or an attempt failed; after an unmount too. */
  onClose?: (event: PartySocketEventMap["close"]) => void;
  /** Called when something went wrong. */
  onError?: (event: PartySocketEventMap["error"]) => void;
  /** Called when a message was dropped, since no more may be held. */
  onDrop?: (event: PartySocketEventMap["drop"]) => void;
}

/**
 * A `PartySocket` for as long as the component is mounted.
 *
 * The same socket is returned by every render, until the address changes: `host`, `party`, `room`,
 * `path`, `prefix`, `protocol`, `id`, or a `query` that is an object. Then the old connection is
 * closed, what it still held is dropped, and a new socket is returned, which connects. The other
 * options are those of the first render with this address, but handlers and functions are always
 * the latest render's.
 *
 * It connects once under StrictMode. On a server it returns a socket that does not connect.
 *
 * @example
 * const socket = usePartySocket({ party: "my-party", room, onMessage: ({ data }) => show(data) });
 * return <button onClick={() => socket.send("hello")}>Say hello</button>;
 */
export function usePartySocket(options: UsePartySocketOptions): PartySocket {
  const { enabled = true } = options;
  const address = addressOf(options);
  // Kept from address to address, so that the room knows a reconnecting component as itself.
  const [identity] = useState(() => ({ id: randomId(), key: randomKey() }));
  const [current, setCurrent] = useState(() => ({
    address,
    held: new HeldSocket(options, identity),
  }));
  let { held } = current;
  if (current.address !== address) {
    held = new HeldSocket(options, identity);
    setCurrent({ address, held });
  }

  useInsertionEffect(() => {
    held.update(options);
  });

  useEffect(() => {
    if (!enabled) return undefined;
    held.hold();
    return () => held.release();
  }, [held, enabled]);

  return held.socket;
}
