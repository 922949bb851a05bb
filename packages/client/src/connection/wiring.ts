import type { AttemptHandlers, AttemptOptions } from "./attempt";
import type { Close } from "./close-event";
import type { HeartbeatOptions } from "./heartbeat";
import type { Identity } from "./identity";
import type { PartySocketOptions } from "./options";
import type { Closed, Connecting, Waiting } from "./status";

/** The options that a `PartySocket` has in another form than its `ReconnectingSocket`. */
type Translated =
  | "maxEnqueuedMessages"
  | "maxReconnectionDelay"
  | "minReconnectionDelay"
  | "reconnectionDelayGrowFactor"
  | "shouldReconnectOnClose";

/** Options of a `ReconnectingSocket`. */
export interface SocketOptions extends Omit<PartySocketOptions, Translated> {
  shouldReconnectOnClose?: ((close: Close) => boolean) | undefined;
}

/** Callbacks for the socket's owner. */
export interface SocketHandlers extends Pick<AttemptHandlers, "onMessage"> {
  /** Called when a connection is open. */
  onOpen?(): void;
  /** Called when an attempt begins, when a wait begins, and when the socket closes for good. */
  onPhase?(phase: Connecting | Waiting | Closed): void;
  /** Called when a connection has ended, or an attempt that had a socket has failed. */
  onClose?(close: Close): void;
  /** Called when an attempt or a connection has failed. */
  onError?(error: Error): void;
  /** Called when the connection is no longer in doubt, and still open. */
  onCertain?(): void;
}

/** Internal options: for rooms, hooks, `compat` and tests. */
export type SocketWiring = Pick<Partial<AttemptOptions>, "asks" | "subprotocol" | "target"> &
  Partial<Pick<HeartbeatOptions, "pingEveryMs" | "pongWithinMs" | "probeWithinMs" | "random">> & {
    /**
     * Called before every attempt. It may replace the identity that connects, and may take a while.
     */
    claim?: ((identity: Identity) => Promise<Identity>) | undefined;
    /** Whether the client reconnects after this close. Default: derived from the close code. */
    isRetried?: ((close: Close) => boolean) | undefined;
    /** Whether `token` can return another token. Default: whether it is a function. */
    renewsToken?: (() => boolean) | undefined;
  };

/** Internal options: for hooks and tests. */
export interface RoomWiring extends SocketWiring {
  startClosed?: boolean | undefined;
  /** Whether the room is `closed` until `reconnect` is called. Resumed calls wait until then. */
  isIdle?: boolean | undefined;
  /** The user, if `token` does not identify one. Another user does not resume this session. */
  user?: string | undefined;
}
