import type { SendableMessage } from "@partyflare/shared";
import type { PlatformBlob } from "../connection/attempt";
import { checkClose, type Close, PartyCloseEvent } from "../connection/close-event";
import type { PartyFetchOptions, PartySocketOptions } from "../connection/options";
import { RawQueue, transportState } from "../connection/message-queue";
import { ReconnectingSocket } from "../connection/reconnecting-socket";
import type { SocketWiring } from "../connection/wiring";
import { roomUrl, withQuery } from "../connection/room-url";
import { messageEvent, PartyDropEvent, PartyErrorEvent, WebSocketLike } from "./socket-events";

/**
 * A WebSocket to a room that reconnects when its connection is lost, and queues messages until
 * then. It stays closed after a final close (see `isRetriedCloseCode`).
 *
 * It has the interface of a `WebSocket`, and of partysocket's `ReconnectingWebSocket`.
 *
 * @example
 * const socket = new PartySocket({ host: "example.com", party: "my-party", room: "lobby" });
 * socket.addEventListener("message", ({ data }) => show(data));
 * socket.send("hello");
 */
export class PartySocket extends WebSocketLike {
  /** This connection's id in the room. It is the same at every attempt. */
  readonly id: string;
  readonly party: string;
  readonly room: string;

  readonly #socket: ReconnectingSocket;
  readonly #queue: RawQueue;

  /**
   * @param options the room, the client and the retries.
   * @param wiring for tests and hooks.
   * @throws PartyError `invalid` for a party, room, host, path, id or key that is not valid. The
   *   host is required outside a page.
   * @throws TypeError if there is no `WebSocket` class.
   */
  constructor(options: PartySocketOptions, wiring?: SocketWiring) {
    super();
    const { party, room, queue, maxEnqueuedMessages } = options;
    const bounds =
      maxEnqueuedMessages === undefined ? queue : { maxMessages: maxEnqueuedMessages, ...queue };
    this.#queue = new RawQueue(bounds, {
      state: () => transportState(this.#socket),
      send: (message) => this.#socket.send(message),
      onDrop: ({ message }) => this.dispatchEvent(new PartyDropEvent(message)),
    });
    const handlers = {
      onOpen: () => {
        this.#queue.flush();
        this.dispatchEvent(new Event("open"));
      },
      onMessage: (details: Pick<MessageEvent, "data" | "origin">) =>
        this.dispatchEvent(messageEvent(details)),
      onClose: (close: Close) => this.dispatchEvent(new PartyCloseEvent(close)),
      onError: (error: Error) => this.dispatchEvent(new PartyErrorEvent(error)),
      onCertain: () => this.#queue.flush(),
    };
    const { shouldReconnectOnClose: asks } = options;
    const backoff = {
      initialMs: options.minReconnectionDelay,
      maxMs: options.maxReconnectionDelay,
      factor: options.reconnectionDelayGrowFactor,
      ...options.backoff,
    };
    const shouldReconnectOnClose = asks && ((close: Close) => asks(new PartyCloseEvent(close)));
    this.#socket = new ReconnectingSocket(
      { ...options, backoff, shouldReconnectOnClose },
      handlers,
      wiring,
    );
    this.id = this.#socket.id;
    this.party = party;
    this.room = room;
  }

  /** Sends an HTTP request to a room's `onRequest`. */
  static async fetch(options: PartyFetchOptions, init?: RequestInit): Promise<Response> {
    const { query, fetch: send = fetch } = options;
    const parameters = typeof query === "function" ? await query() : (query ?? {});
    return send(withQuery(roomUrl("http", options), parameters), init);
  }

  /** The host, with its port; empty on a server if no host was given. */
  get host(): string {
    try {
      return this.#socket.roomUrl.host;
    } catch {
      return "";
    }
  }

  /**
   * The room's URL, without a query: `wss://example.com/parties/my-party/lobby`.
   *
   * @throws PartyError `invalid` on a server if no host was given.
   */
  get roomUrl(): string {
    return this.#socket.roomUrl.href;
  }

  /** The URL of the latest connection, with its query; empty before the first. */
  get url(): string {
    return this.#socket.latest?.url ?? "";
  }

  /**
   * The state, as a WebSocket's. It is `CLOSED` too while the client waits for the next attempt.
   */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#socket.readyState as 0 | 1 | 2 | 3;
  }

  /** The subprotocol that the room chose. */
  get protocol(): string {
    return this.#socket.latest?.protocol ?? "";
  }

  /** The extensions that the room chose. */
  get extensions(): string {
    return this.#socket.latest?.extensions ?? "";
  }

  /** Bytes in the queue and in the platform's buffer, text as UTF-8. */
  get bufferedAmount(): number {
    return this.#queue.bytes + this.#socket.bufferedAmount;
  }

  /** The type of binary messages: `blob` (the default) or `arraybuffer`. */
  get binaryType(): "arraybuffer" | "blob" {
    return this.#socket.binaryType;
  }

  set binaryType(value: "arraybuffer" | "blob") {
    this.#socket.binaryType = value;
  }

  /** The number of failed attempts and short-lived connections in a row. */
  get retryCount(): number {
    return this.#socket.retryCount;
  }

  /** Whether the client reconnects when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#socket.shouldReconnect;
  }

  /**
   * Sends a message, or queues it until it can be sent: see `queue`. The queue does not copy it. A
   * `drop` event reports a message that is dropped from the queue.
   *
   * @returns whether it was sent at once.
   */
  send(message: SendableMessage | PlatformBlob): boolean {
    return this.#queue.send({ message }) === "sent";
  }

  /** Removes and returns the messages in the queue. */
  drainQueuedMessages(): (SendableMessage | PlatformBlob)[] {
    return this.#queue.drain().map(({ message }) => message);
  }

  /**
   * Closes the connection for good, or until `reconnect` is called. The queue keeps its messages
   * until then. The `close` event is dispatched at once, also while there is no connection.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  close(code?: number, reason?: string): void {
    checkClose(code, reason);
    this.#socket.close(code, reason);
  }

  /**
   * Reconnects now, also after a final close and during a wait. It closes the current connection.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  reconnect(code?: number, reason?: string): void {
    checkClose(code, reason);
    this.#socket.reconnect(code, reason);
  }

  /**
   * Ends the wait for the next attempt. With `heartbeat`, it also checks whether the connection is
   * alive. Browsers do this when the network or the page is back. Elsewhere, call it yourself: in
   * React Native, when `AppState` becomes `active`.
   */
  probe(): void {
    this.#socket.probe();
  }
}
