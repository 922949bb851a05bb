import { randomKey } from "@partyflare/shared";
import { useEffect, useInsertionEffect, useState, useSyncExternalStore } from "react";
import { randomId } from "../connection/identity";
import type { PartySocketEventMap } from "../socket/socket-events";
import type { PartySocketOptions } from "../connection/options";
import type { PartySocket } from "../socket/party-socket";
import { addressOf, credentialsOf, type SharingOptions } from "./address";
import { HeldSocket } from "./held-socket";

/** Where the room is, who connects, and what to do with what comes. */
export interface UsePartySocketOptions
  extends Omit<PartySocketOptions, "startClosed">, SharingOptions {
  /** Called when the connection is open. */
  onOpen?: ((event: PartySocketEventMap["open"]) => void) | undefined;
  /** Called with every message. */
  onMessage?: ((event: PartySocketEventMap["message"]) => void) | undefined;
  /** Called when a connection has ended or an attempt failed; after an unmount too. */
  onClose?: ((event: PartySocketEventMap["close"]) => void) | undefined;
  /** Called when something went wrong. */
  onError?: ((event: PartySocketEventMap["error"]) => void) | undefined;
  /** Called when a message was dropped, since no more may be held. */
  onDrop?: ((event: PartySocketEventMap["drop"]) => void) | undefined;
}

/**
 * A `PartySocket` for as long as the component is mounted, which renders again when the socket's
 * `readyState` changes.
 *
 * The same socket is returned by every render, until the address changes: where the room is (`host`,
 * `party`, `room`, `path`, `prefix`, `protocol`, and the content of a `query` that is an object) or
 * who connects (`identity` or `token`, `key`, `id`). Then the old connection is closed, what it
 * still held is dropped, and a new socket is returned, which connects. The other options are those
 * of the first render with this address, but handlers and functions are always the latest render's.
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
  // Kept from address to address, so that the room knows a reconnecting component as itself; but a
  // user who logs in is not the client that the one before was.
  const isSame = last && last.who === who;
  const identity = isSame ? last.identity : { id: randomId(), key: randomKey() };
  return { address, who, identity, held: new HeldSocket(options, identity) };
}
