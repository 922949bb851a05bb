import { useEffect, useInsertionEffect, useMemo, useRef } from "react";
import { useRestlessPart } from "../../react/use-restless-part";
import type { WebSocketEventMap } from "./events";
import { warnOnce } from "./notices";
import type { Options } from "./options";
import type { ReconnectingWebSocket } from "./reconnecting-web-socket";

/** Event handlers of a hook. Those of the latest render are called. */
export interface EventHandlerOptions {
  /** Called when the connection is open. */
  onOpen?: ((event: WebSocketEventMap["open"]) => void) | undefined;
  /** Called with every message. */
  onMessage?: ((event: WebSocketEventMap["message"]) => void) | undefined;
  /** Called when a connection has ended or an attempt failed; also after an unmount. */
  onClose?: ((event: WebSocketEventMap["close"]) => void) | undefined;
  /** Called when an attempt to connect has failed. */
  onError?: ((event: WebSocketEventMap["error"]) => void) | undefined;
}

/** Options of a hook: the socket's, and when it is open. */
export interface SocketOptions extends Options {
  /** Whether the socket is open. Default: true. */
  enabled?: boolean | undefined;
  /**
   * Whether a new socket sends the queued messages of the one that it replaces. Default: only if
   * the destination is the same, for example if `query` has changed.
   */
  transferEnqueuedMessages?: boolean | undefined;
}

/** The options that create a new socket when they change. */
const SOCKET_OPTIONS = [
  "startClosed",
  "minUptime",
  "maxRetries",
  "connectionTimeout",
  "maxEnqueuedMessages",
  "maxReconnectionDelay",
  "minReconnectionDelay",
  "reconnectionDelayGrowFactor",
  "debug",
] as const satisfies (keyof Options)[];

/** Options by their names. They are compared as JSON. */
type Parts = Readonly<Record<string, unknown>>;

/** What a hook holds. */
export interface Held<Socket> {
  /** What decides where messages arrive: equal for two renders that mean the same place. */
  readonly destination: Parts;
  /** Other parts of the connection. A change of one creates a new socket, too. */
  readonly credentials?: Parts;
  /** Makes a socket that starts closed. */
  readonly create: () => Socket;
}

interface Current<Socket> {
  readonly destination: string;
  readonly socket: Socket;
  /** Whether it has replaced another socket. */
  isReplacement: boolean;
}

/**
 * Returns a socket that is open while the component is mounted. Every render returns the same one,
 * until its address or its options change.
 *
 * The socket opens and closes within the effect. Under StrictMode and in a hot reload, React runs
 * the effect twice at once. The first attempt is then dropped before it has a socket.
 */
export function useHeldSocket<Socket extends ReconnectingWebSocket>(
  options: SocketOptions & EventHandlerOptions,
  { destination: where, credentials, create }: Held<Socket>,
): Socket {
  const { enabled = true, startClosed, transferEnqueuedMessages } = options;
  const destination = textOf(where);
  const values = SOCKET_OPTIONS.map((name) => options[name]);
  const address = textOf({ ...where, ...credentials, values });
  useSteady({ ...where, ...credentials });
  // Not a state: an address that is new in every render would then render for ever.
  const held = useMemo<Current<Socket>>(
    () => ({ destination, socket: create(), isReplacement: false }),
    // oxlint-disable-next-line react/exhaustive-deps -- the address decides
    [address],
  );

  const hasBeenDisabled = useRef(false);
  /** Of the latest render whose effects ran. A hidden component has renders without effects. */
  const shown = useRef<Current<Socket>>(undefined);
  const { socket } = held;
  useEffect(() => {
    const previous = shown.current;
    shown.current = held;
    if (!previous || previous === held) return;
    held.isReplacement = true;
    transfer(previous, held, transferEnqueuedMessages ?? previous.destination === destination);
    // oxlint-disable-next-line react/exhaustive-deps -- only a new socket takes messages over
  }, [held]);

  useEffect(() => {
    hasBeenDisabled.current ||= !enabled;
    // `startClosed` is about the first connection.
    const starts = !startClosed || held.isReplacement || hasBeenDisabled.current;
    if (enabled && starts) socket.reconnect();
    if (!enabled) socket.close();
    return () => socket.close();
    // oxlint-disable-next-line react/exhaustive-deps -- a change of `startClosed` is a new socket
  }, [socket, enabled]);

  // Last, so that an unmount closes the socket while its handlers still listen.
  useHandlers(socket, options);
  return socket;
}

/** As partysocket compares them: a part that is null, undefined or a function counts as none. */
function textOf(parts: Parts): string {
  return JSON.stringify(Object.values(parts));
}

/** Warns of a part that each render makes anew: each of them makes another connection. */
function useSteady(parts: Parts): void {
  const texts = Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)] as const);
  const name = useRestlessPart(Object.fromEntries(texts));
  if (name === undefined) return;
  warnOnce(
    `\`${name}\` is another in each render, so each render makes another connection. Keep it with useState.`,
  );
}

/** Calls the handlers of the latest render. */
function useHandlers(socket: ReconnectingWebSocket, options: EventHandlerOptions): void {
  const latest = useRef(options);
  useInsertionEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const listeners = (["Open", "Message", "Close", "Error"] as const).map((name) => {
      const listener = (event: Event) => latest.current[`on${name}`]?.(event as never);
      return [name.toLowerCase(), listener] as const;
    });
    for (const listener of listeners) socket.addEventListener(...listener);
    return () => {
      for (const listener of listeners) socket.removeEventListener(...listener);
    };
  }, [socket]);
}

/** Sends the queued messages of the old socket over the new one, or drops them with a warning. */
function transfer(
  { socket: from }: Current<ReconnectingWebSocket>,
  { socket: to }: Current<ReconnectingWebSocket>,
  isWanted: boolean,
): void {
  const messages = from.drainQueuedMessages();
  if (isWanted) for (const message of messages) to.send(message);
  if (isWanted || messages.length === 0) return;
  // oxlint-disable-next-line no-console -- data of the app is lost
  console.warn(
    `The hook has replaced its socket and discarded ${messages.length} buffered message(s). To send them over the new socket, pass \`transferEnqueuedMessages: true\`.`,
  );
}
