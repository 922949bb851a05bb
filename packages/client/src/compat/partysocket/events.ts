import { PartyCloseEvent } from "../../connection/close-event";
import { PartyErrorEvent, type TypedEventTarget, WebSocketLike } from "../../socket/socket-events";

/** The event of an ended connection, or of a failed attempt to connect. */
export class CloseEvent extends PartyCloseEvent {
  /** @param details whether both sides agreed to close. Default: yes. */
  constructor(code = 1000, reason = "", { wasClean = true }: { wasClean?: boolean } = {}) {
    super({ code, reason, wasClean });
  }
}

/** The event of an error. Its message is `TIMEOUT` if an attempt took too long. */
export class ErrorEvent extends PartyErrorEvent {
  /** @param _target not used; partysocket's class takes it. */
  constructor(error: Error, _target?: unknown) {
    super(error);
  }
}

/** The events of a `ReconnectingWebSocket`, by name. */
export interface WebSocketEventMap {
  /** The connection has ended, or an attempt to connect has failed. */
  close: CloseEvent;
  /** An attempt to connect has failed. The next one follows. */
  error: ErrorEvent;
  /** A message has arrived. */
  message: MessageEvent;
  /** The connection is open, and the queue has been flushed. */
  open: Event;
}

/** The static parts of a WebSocket, with the types of partysocket's events. */
interface SocketTarget extends TypedEventTarget<WebSocketEventMap> {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** Called when the connection is open. */
  onopen: ((event: Event) => void) | null;
  /** Called with every message. */
  onmessage: ((event: MessageEvent) => void) | null;
  /** Called when a connection has ended or an attempt to connect has failed. */
  onclose: ((event: CloseEvent) => void) | null;
  /** Called when an attempt to connect has failed. */
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What a `ReconnectingWebSocket` extends. */
export const SocketBase = WebSocketLike as unknown as (new () => SocketTarget) &
  Pick<typeof WebSocketLike, "CONNECTING" | "OPEN" | "CLOSING" | "CLOSED">;
