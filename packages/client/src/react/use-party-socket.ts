import { randomKey } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState, useSyncExternalStore } from "react";
import { randomId } from "../connection/identity";
import type { PartySocketEventMap } from "../socket/socket-events";
import type { PartySocketOptions } from "../connection/options";
import type { PartySocket } from "../socket/party-socket";
import { addressOf, credentialsOf, type SharingOptions } from "./address";
import { HeldSocket } from "./held-socket";
import { useSteadyAddress } from "./use-steady-address";

/** Options of `usePartySocket`: the room, the client and the event handlers. */
export interface UsePartySocketOptions
  extends Omit<PartySocketOptions, "startClosed">, SharingOptions {
  /** Called when the connection is open. */
  onOpen?: ((event: PartySocketEventMap["open"]) => void) | undefined;
  /** Called with every message. */
  onMessage?: ((event: PartySocketEventMap["message"]) => void) | undefined;
  /** Called when a connection has ended or an attempt failed; also after an unmount. */
  onClose?: ((event: PartySocketEventMap["close"]) => void) | undefined;
  /** Called when something failed. */
  onError?: ((event: PartySocketEventMap["error"]) => void) | undefined;
  /** Called when a message was dropped because the queue is full. */
  onDrop?: ((event: PartySocketEventMap["drop"]) => void) | undefined;
}

/**
 * Returns a `PartySocket` that is open while the component is mounted. The component renders again
 * when the socket's `readyState` changes.
 *
 * Every render returns the same socket until the address changes. The address is the room's
 * location and the client's credentials. The location is `host`, `party`, `room`, `path`, `prefix`,
 * `protocol`, and the content of a `query` that is an object. The credentials are `identity` or
 * `token`, `key` and `id`.
 *
 * After a change, the old connection is closed and its queue is dropped. The hook then returns a
 * new socket, which connects. Handlers and functions come from the latest render. The other options
 * come from the first render with this address.
 *
 * It connects once under StrictMode. On a server it returns a socket that does not connect.
 *
 * @throws PartyError `invalid` if a part of the address is another in each render, such as a random
 *   id. Keep it with `useState`.
 *
 * @example
 * const socket = usePartySocket({ party: "my-party", room, onMessage: ({ data }) => show(data) });
 * return <button onClick={() => socket.send("hello")}>Say hello</button>;
 */
export function usePartySocket(options: UsePartySocketOptions): PartySocket {
  const { enabled = true } = options;
  useSteadyAddress("usePartySocket", options);
  const address = addressOf(options);
  const [current, setCurrent] = useState(() => socketAt(address, options));
  let { held } = current;
  if (current.address !== address) {
    const next = socketAt(address, options, current);
    ({ held } = next);
    setCurrent(next);
  }

  useInsertionEffect(() => held.update(options));

  useSyncExternalStore(
    held.subscribe,
    () => held.socket.readyState,
    () => held.socket.CLOSED,
  );

  const newToken = typeof options.token === "function" || options.token;
  useEffect(() => {
    if (!enabled) return undefined;
    held.hold();
    return () => held.release();
    // oxlint-disable-next-line react/exhaustive-deps -- a new one may be one that the room takes
  }, [held, enabled, newToken]);

  return held.socket;
}

interface Current {
  readonly address: string;
  readonly who: string;
  readonly identity: { id: string; key: string };
  readonly held: HeldSocket;
}

function socketAt(address: string, options: UsePartySocketOptions, last?: Current): Current {
  const who = String(credentialsOf(options).slice(0, 2));
  // The id and key are kept across addresses, so that the room recognizes a component that
  // reconnects. A user who logs in gets new ones.
  const isSame = last && last.who === who;
  const identity = isSame ? last.identity : { id: randomId(), key: randomKey() };
  return { address, who, identity, held: new HeldSocket(options, identity) };
}
