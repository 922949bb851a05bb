import { type EventHandlerOptions, type SocketOptions, useHeldSocket } from "./held-socket";
import type { PartySocketOptions } from "./options";
import { PartySocket } from "./party-socket";

/** Options of `usePartySocket`: the room, the socket and the event handlers. */
export interface UsePartySocketOptions
  extends
    Omit<PartySocketOptions, "host">,
    EventHandlerOptions,
    Pick<SocketOptions, "enabled" | "transferEnqueuedMessages"> {
  /** Default: the page's own host. */
  host?: string | undefined;
}

/** The host where there is no page: on a server, where the socket never connects. */
const NO_HOST = "dummy-domain.com";

/**
 * Returns a `PartySocket` that is open while the component is mounted, as partysocket's hook does.
 *
 * A change of the room's address, of `id`, of `query`, or of an option about time or retries
 * creates a new socket. Functions are those of the render that created the socket; handlers are
 * those of the latest render.
 *
 * @example
 * const socket = usePartySocket({ party: "my-party", room, onMessage: ({ data }) => show(data) });
 * return <button onClick={() => socket.send("hello")}>Say hello</button>;
 */
export function usePartySocket(options: UsePartySocketOptions): PartySocket {
  const host = options.host || globalThis.location?.host || NO_HOST;
  const { room, party, path, protocol, protocols, basePath, prefix, query, id } = options;
  return useHeldSocket(options, {
    destination: { host, room, party, path, protocol, protocols, basePath, prefix },
    credentials: { query, id },
    create: () => new PartySocket({ ...options, host, startClosed: true }),
  });
}
