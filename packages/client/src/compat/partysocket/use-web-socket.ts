import { type EventHandlerOptions, type SocketOptions, useHeldSocket } from "./held-socket";
import type { ProtocolsProvider, UrlProvider } from "./options";
import { ReconnectingWebSocket } from "./reconnecting-web-socket";

/** Options of `useWebSocket`: the socket and the event handlers. */
export interface UseWebSocketOptions extends SocketOptions, EventHandlerOptions {}

/**
 * Returns a `ReconnectingWebSocket` that is open while the component is mounted. A change of the
 * URL, of the protocols, or of an option about time or retries creates a new socket.
 */
export function useWebSocket(
  url: UrlProvider,
  protocols?: ProtocolsProvider,
  options: UseWebSocketOptions = {},
): ReconnectingWebSocket {
  return useHeldSocket(options, {
    destination: { url, protocols },
    create: () => new ReconnectingWebSocket(url, protocols, { ...options, startClosed: true }),
  });
}
