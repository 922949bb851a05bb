import type { SendableMessage } from "@partyflare/shared";
import type { PlatformBlob } from "../connection/attempt";
import type { PartyFetchOptions, PartySocketOptions } from "../connection/options";
import { MessageQueue, transportState } from "../connection/message-queue";
import { ReconnectingSocket } from "../connection/reconnecting-socket";
import type { SocketWiring } from "../connection/wiring";
import { roomUrl, withQuery } from "../connection/room-url";
import { messageEvent, PartyDropEvent, PartyErrorEvent, WebSocketLike } from "./socket-events";

/**
 * A WebSocket to a room that reconnects when its connection is lost, and holds what is sent
 * meanwhile. It stays closed after a close that is final (see `isRetriedCloseCode`).
 *
 * It has the interface of a `WebSocket`, and of partysocket's `ReconnectingWebSocket`.
 *
 * @example
 * const socket = new PartySocket({ host: "example.com", party: "my-party", room: "lobby" });
 * socket.addEventListener("message", ({ data }) => show(data));
 * socket.send("hello");
 */
export class PartySocket extends WebSocketLike {
  /** By which the room knows this connection. The same at every attempt. */
  readonly id: string;
  readonly party: string;
  readonly room: string;

  readonly #socket: ReconnectingSocket;
  readonly #queue: MessageQueue;

  /**
   * @param options where the room is, who connects, and how patiently.
   * @param wiring for tests, and for the hooks.
   * @throws PartyError `invalid` for a party, room, host, path, id or key that cannot be one, or
   *   when no host is given and there is no page to take it from.
   * @throws TypeError where there is no `WebSocket` class.
   */
  constructor(options: PartySocketOptions, wiring?: SocketWiring) {
    super();
    const { party, room, queue, maxEnqueuedMessages } = options;
    const bounds =
      maxEnqueuedMessages === undefined ? queue : { maxMessages: maxEnqueuedMessages, ...queue };
    this.#queue = new MessageQueue(bounds, {
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
      onClose: (event: Event) => this.dispatchEvent(event),
      onError: (error: Error) => this.dispatchEvent(new PartyErrorEvent(error)),
      onCertain: () => this.#queue.flush(),
    };
    this.#socket = new ReconnectingSocket(options, handlers, wiring);
    this.id = this.#socket.id;
    this.party = party;
    this.room = room;
  }

  /** Sends an HTTP request to a room: to its `onRequest`. */
  static async fetch(options: PartyFetchOptions, init?: RequestInit): Promise<Response> {
    const { query, fetch: send = fetch } = options;
    const parameters = typeof query === "function" ? await query() : (query ?? {});
    return send(withQuery(roomUrl("http", options), parameters), init);
  }

  /** The host, with its port; empty where a server renders and none was given. */
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
   * @throws PartyError `invalid` where a server renders and no host was given.
   */
  get roomUrl(): string {
    return this.#socket.roomUrl.href;
  }

  /** The URL of the latest connection, with its query; empty before the first. */
  get url(): string {
    return this.#socket.latest?.url ?? "";
  }

  /** As a WebSocket's; `CLOSED` while waiting for the next attempt too. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#socket.readyState as 0 | 1 | 2 | 3;
  }

  /** The subprotocol that the room answered with. */
  get protocol(): string {
    return this.#socket.latest?.protocol ?? "";
  }

  /** The extensions that the room answered with. */
  get extensions(): string {
    return this.#socket.latest?.extensions ?? "";
  }

  /** Bytes that are held or not yet handed to the network, text as UTF-8. */
  get bufferedAmount(): number {
    return this.#queue.bytes + this.#socket.bufferedAmount;
  }

  /** What binary messages arrive as: `blob` (the default) or `arraybuffer`. */
  get binaryType(): BinaryType {
    return this.#socket.binaryType;
  }

  set binaryType(value: BinaryType) {
    this.#socket.binaryType = value;
  }

  /** How many attempts or short-lived connections have come to nothing in a row. */
  get retryCount(): number {
    return this.#socket.retryCount;
  }

  /** Whether it will come back when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#socket.shouldReconnect;
  }

  /**
   * Sends a message, or holds it until it can be sent: see `queue`. While it is held it is
   * not copied, and what is dropped for it is told of by a `drop` event.
   *
   * @returns whether it was sent at once.
   */
  send(message: SendableMessage | PlatformBlob): boolean {
    return this.#queue.send({ message }) === "sent";
  }

  /** Takes back what was held and never sent. */
  drainQueuedMessages(): (SendableMessage | PlatformBlob)[] {
    return this.#queue.drain().map(({ message }) => message);
  }

  /**
   * Closes for good, or until `reconnect` is called. What is held is kept for that. The `close` event
   * is dispatched at once, also while there is no connection yet.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  /**
   * Closes the connection, if there is one, and connects at once: after a final close too, and
   * without waiting for the next attempt's turn.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  reconnect(code?: number, reason?: string): void {
    this.#socket.reconnect(code, reason);
  }

  /**
   * Cuts the wait for the next attempt short, and, with `heartbeat`, finds out whether the connection
   * is alive. Browsers do it by themselves when the network or the page is back. Call it where there
   * are no such events: in React Native, when `AppState` becomes `active`.
   */
  probe(): void {
    this.#socket.probe();
  }
}
