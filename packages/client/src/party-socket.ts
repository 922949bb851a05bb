import {
  isRetriedCloseCode,
  roomPath,
  type SendableMessage,
  type WireClose,
} from "@partyflare/shared";
import ReconnectingWebSocket, { CloseEvent as MadeUpCloseEvent } from "partysocket/ws";
import { type Attempt, Attempts, type AttemptsOptions } from "./attempts";
import { checkClose } from "./close-code";
import { identityOf, withoutSecrets } from "./credentials";
import {
  PartyCloseEvent,
  PartyErrorEvent,
  SocketEventTarget,
  type ReceivedMessage,
} from "./events";
import type { PartyFetchOptions, PartySocketOptions } from "./options";
import { currentPage, roomUrl, withQuery } from "./room-url";

/** How a socket is wired: for tests, and for `Room`. */
export type SocketWiring = Partial<Pick<AttemptsOptions, "onPhase" | "random" | "subprotocol">>;

/** RFC 6455 §7.4.1: closed without a Close frame. */
const ABNORMAL_CLOSURE = 1006;

/**
 * A WebSocket to a room that comes back by itself when its connection is lost, and holds what is
 * sent meanwhile. It stays away after a close that is final (see `isRetriedCloseCode`).
 *
 * It has the interface of a `WebSocket`, and of partysocket's `ReconnectingWebSocket`, which it
 * is built on: that one redials and holds messages; this one decides when, where to, and whether.
 * It holds that socket rather than being one, because the events that one passes on to its
 * listeners lose their code, reason and message in browsers.
 *
 * @example
 * const socket = new PartySocket({ host: "example.com", party: "my-party", room: "lobby" });
 * socket.addEventListener("message", ({ data }) => show(data));
 * socket.send("hello");
 */
export class PartySocket extends SocketEventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  /** By which the room knows this connection. The same at every attempt. */
  readonly id: string;
  readonly party: string;
  readonly room: string;

  /** Called when the connection is open. */
  onopen: ((event: Event) => void) | null = null;
  /** Called with every message. */
  onmessage: ((event: MessageEvent<ReceivedMessage>) => void) | null = null;
  /** Called when a connection has ended or an attempt at one has failed. */
  onclose: ((event: PartyCloseEvent) => void) | null = null;
  /** Called when something went wrong. */
  onerror: ((event: PartyErrorEvent) => void) | null = null;

  readonly #options: PartySocketOptions;
  readonly #attempts: Attempts;
  readonly #socket: ReconnectingWebSocket;
  /** Undefined only where a server renders: there is no page to take the host from. */
  #roomUrl: URL | undefined;
  #isClosed: boolean;
  /** What to tell of the end of the connection while it is we who end it. */
  #farewell: PartyCloseEvent | undefined;

  /**
   * @param options where the room is, who connects, and how patiently.
   * @param wiring for tests, and for `Room`.
   * @throws PartyError `invalid` for a party, room, host, path, id or key that cannot be one, or
   *   when no host is given and there is no page to take it from.
   * @throws TypeError where there is no `WebSocket` class.
   */
  constructor(options: PartySocketOptions, wiring: SocketWiring = {}) {
    super();
    const { id, key } = identityOf(options);
    this.id = id;
    this.party = options.party;
    this.room = options.room;
    this.#options = options;
    this.#attempts = new Attempts({ ...options, id, key, random: Math.random, ...wiring });
    this.#isClosed = options.startClosed ?? false;
    // A socket that is not to connect yet can be made anywhere; its address is checked all the same.
    if (options.host !== undefined || currentPage()) this.#roomUrl = roomUrl("ws", options);
    else roomPath(options);
    if (!this.#isClosed) this.#checkReady();
    this.addEventListener("open", (event) => this.onopen?.(event));
    this.addEventListener("message", (event) => this.onmessage?.(event));
    this.addEventListener("close", (event) => this.onclose?.(event));
    this.addEventListener("error", (event) => this.onerror?.(event));
    this.#socket = this.#redialing();
  }

  /** Sends an HTTP request to a room: to its `onRequest`. */
  static async fetch(options: PartyFetchOptions, init?: RequestInit): Promise<Response> {
    const { query, fetch: send = fetch } = options;
    const parameters = typeof query === "function" ? await query() : (query ?? {});
    return send(withQuery(roomUrl("http", options), parameters), init);
  }

  /** The host, with its port; empty where a server renders and none was given. */
  get host(): string {
    return this.#roomUrl?.host ?? "";
  }

  /**
   * The room's URL, without a query: `wss://example.com/parties/my-party/lobby`.
   *
   * @throws PartyError `invalid` where a server renders and no host was given.
   */
  get roomUrl(): string {
    return (this.#roomUrl ??= roomUrl("ws", this.#options)).href;
  }

  /** The URL of the latest connection, with its query; empty before the first. */
  get url(): string {
    return this.#socket.url;
  }

  /** As a WebSocket's; `CLOSED` while waiting for the next attempt too. */
  get readyState(): number {
    if (this.#isClosed) return this.CLOSED;
    return this.url === "" ? this.CONNECTING : this.#socket.readyState;
  }

  /** The subprotocol that the room answered with. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** The extensions that the room answered with. */
  get extensions(): string {
    return this.#socket.extensions;
  }

  /** Bytes that are held or not yet handed to the network. Held text counts its characters. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** What binary messages arrive as: `blob` (the default) or `arraybuffer`. */
  get binaryType(): BinaryType {
    return this.#socket.binaryType;
  }

  set binaryType(value: BinaryType) {
    this.#socket.binaryType = value;
  }

  /** How many attempts have followed the last connection that lasted. */
  get retryCount(): number {
    return this.#socket.retryCount;
  }

  /** Whether it will come back when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#socket.shouldReconnect;
  }

  /**
   * Sends a message, or holds it until there is a connection.
   *
   * @returns whether it was sent at once.
   */
  send(message: SendableMessage | Blob): boolean {
    return this.#socket.send(message);
  }

  /** Takes back what was held and never sent. */
  drainQueuedMessages(): (SendableMessage | Blob)[] {
    return this.#socket.drainQueuedMessages();
  }

  /**
   * Closes for good, or until `reconnect` is called.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  close(code = 1000, reason?: string): void {
    checkClose(code, reason);
    this.#isClosed = true;
    this.#attempts.hold();
    this.#leave({ code, reason }, () => this.#socket.close(code, reason));
  }

  /**
   * Closes the connection, if there is one, and connects at once: after a final close too, and
   * without waiting for the next attempt's turn.
   *
   * @param code 1000, the default, or 3000 to 4999.
   * @param reason at most 123 bytes of UTF-8.
   * @throws RangeError for another code or a longer reason.
   */
  reconnect(code = 1000, reason?: string): void {
    checkClose(code, reason);
    this.#checkReady();
    this.#isClosed = false;
    this.#leave({ code, reason }, () => this.#socket.reconnect(code, reason));
    this.#attempts.restart();
  }

  /**
   * Takes the connection for closed, as the room has announced that it will be: a room that sleeps
   * keeps the network's connection for 10 s more. For `Room`; a raw connection is told nothing.
   */
  leave({ code, reason, retry, retryAfterMs }: WireClose): void {
    if (retry) {
      this.#leave({ code, reason }, () => this.#socket.reconnect());
      this.#attempts.plan(retryAfterMs);
    } else {
      this.#isClosed = true;
      this.#attempts.hold();
      this.#leave({ code, reason }, () => this.#socket.close());
    }
  }

  /** The socket that redials and holds messages. When, where and with what is told by `Attempts`. */
  #redialing(): ReconnectingWebSocket {
    // oxlint-disable-next-line no-console -- it is what `debug` is for
    const { debugLogger = console.log } = this.#options;
    let attempt: Promise<Attempt> | undefined;
    // The URL is asked for first, and the subprotocols right after: both are one attempt's.
    const url = async () => (await (attempt = this.#nextAttempt())).url;
    const protocols = async () => (await attempt)?.protocols ?? [];
    const socket = new ReconnectingWebSocket(url, protocols, {
      ...this.#options,
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      reconnectionDelayGrowFactor: 1,
      shouldReconnectOnClose: (event) => this.#comesBack(event),
      debugLogger: (...details: unknown[]) => debugLogger(...details.map(withoutSecrets)),
    });
    // Not listeners: those get copies, which in browsers have lost code, reason and message.
    const slots: Pick<ReconnectingWebSocket, "onopen" | "onmessage" | "onclose" | "onerror"> = {
      onopen: () => this.#onOpen(),
      onmessage: (event) => this.#onMessage(event),
      onclose: (event) => this.#onClose(event),
      onerror: (event) => this.#onError(event),
    };
    Object.assign(socket, slots);
    return socket;
  }

  #nextAttempt(): Promise<Attempt> {
    return this.#attempts.next(new URL(this.roomUrl));
  }

  #comesBack(event: MadeUpCloseEvent): boolean {
    // Neither is a connection's end: `reconnect` has yet to connect, and the failure is retried.
    if (this.#farewell || this.#attempts.failure) return true;
    const close = this.#faithful(event);
    if (!isRetriedCloseCode(close.code)) return false;
    return this.#options.shouldReconnectOnClose?.(close) ?? true;
  }

  #onOpen(): void {
    this.#attempts.opened();
    this.dispatchEvent(new Event("open"));
  }

  #onMessage({ data, origin }: MessageEvent<ReceivedMessage>): void {
    this.dispatchEvent(new MessageEvent("message", { data, origin }));
  }

  #onClose(event: MadeUpCloseEvent): void {
    // Without a socket nothing has been closed. The `error` event that follows says what failed.
    if (this.#attempts.failure) return;
    if (!this.#farewell && this.shouldReconnect) this.#attempts.plan();
    this.dispatchEvent(this.#farewell ?? this.#faithful(event));
  }

  #onError({ error, message }: { error?: Error; message?: string }): void {
    const failure = this.#attempts.takeFailure() ?? error ?? new Error(message);
    if (!this.#isClosed) this.dispatchEvent(new PartyErrorEvent(failure));
  }

  /** A close event as it should have been: partysocket makes up its own for failures, with 1000. */
  #faithful(event: MadeUpCloseEvent): PartyCloseEvent {
    if (!(event instanceof MadeUpCloseEvent)) return new PartyCloseEvent(event);
    return new PartyCloseEvent({
      code: ABNORMAL_CLOSURE,
      reason: event.reason,
      wasClean: false,
    });
  }

  /** Ends the connection, if there is one, and tells that it ended with this. */
  #leave({ code, reason = "" }: { code: number; reason?: string }, step: () => void): void {
    this.#farewell = new PartyCloseEvent({ code, reason, wasClean: true });
    try {
      step();
    } finally {
      this.#farewell = undefined;
    }
  }

  #checkReady(): void {
    this.#roomUrl ??= roomUrl("ws", this.#options);
    if (!this.#options.WebSocket && typeof WebSocket === "undefined") {
      throw new TypeError("There is no WebSocket class here: pass one as `WebSocket`, from `ws`.");
    }
  }
}
