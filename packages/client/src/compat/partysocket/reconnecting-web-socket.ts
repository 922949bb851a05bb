import { CLOSED, type DialTarget, OPEN } from "../../connection/attempt";
import { LONGEST_TIMER_MS } from "../../connection/backoff";
import { ABNORMAL_CLOSURE, type Close } from "../../connection/close-event";
import { bytesOf } from "../../connection/message-queue";
import type { WebSocketClass } from "../../connection/options";
import { ReconnectingSocket } from "../../connection/reconnecting-socket";
import type { Closed, Connecting, Waiting } from "../../connection/status";
import { messageEvent } from "../../socket/socket-events";
import { closeArguments, closeEvent, isRetried } from "./closes";
import { ErrorEvent, SocketBase } from "./events";
import { warnOnce } from "./notices";
import type { Message, Options, ProtocolsProvider, UrlProvider } from "./options";
import { newSocket, targetOf } from "./target";

/** `WebSocket.CONNECTING`. */
const CONNECTING = 0;

/** partysocket's own defaults. */
const DEFAULTS = {
  connectionTimeout: 4_000,
  maxEnqueuedMessages: Infinity,
  maxReconnectionDelay: 10_000,
  maxRetries: Infinity,
  minReconnectionDelay: 3_000,
  minUptime: 5_000,
  reconnectionDelayGrowFactor: 1.3,
} as const satisfies Options;

/**
 * A WebSocket to any URL that reconnects when its connection is lost, and queues messages until
 * then. It has the interface and the defaults of partysocket's class.
 *
 * It reconnects after every close code, until `close` is called: see `shouldReconnectOnClose`.
 */
export class ReconnectingWebSocket extends SocketBase {
  /** The URL of the next attempt. */
  protected _url: UrlProvider;
  /** The subprotocols of the next attempt. */
  protected _protocols: ProtocolsProvider | undefined;
  /** Read whenever they are needed, so that a subclass may replace them. */
  protected _options: Options;

  readonly #socket: ReconnectingSocket;
  #queue: Message[] = [];
  #timeout: ReturnType<typeof setTimeout> | undefined;
  /** When the connection was opened, on the monotonic clock. */
  #openSinceMs = Infinity;
  /** Whether `close` was called, and not `reconnect` since. */
  #isClosedByApp = false;
  /** Whether the end of the current attempt is dispatched. */
  #isSilent = false;

  constructor(url: UrlProvider, protocols?: ProtocolsProvider, options: Options = {}) {
    super();
    this._url = url;
    this._protocols = protocols;
    this._options = options;
    const option = (name: keyof typeof DEFAULTS) => this.#option(name);
    this.#socket = new ReconnectingSocket(
      {
        // The target replaces the address and the identity.
        party: "",
        room: "",
        id: "",
        key: "",
        startClosed: true,
        // Their timeout begins when the socket is made.
        connectionTimeout: Infinity,
        get minUptime() {
          return option("minUptime");
        },
        backoff: {
          get initialMs() {
            return option("minReconnectionDelay");
          },
          get maxMs() {
            return option("maxReconnectionDelay");
          },
          get factor() {
            return option("reconnectionDelayGrowFactor");
          },
        },
        shouldReconnectOnClose: (close) => this.#reconnectsAfter(close),
        WebSocket: this.#webSocketClass(),
      },
      {
        onPhase: (phase) => this.#entered(phase),
        onOpen: () => this.#opened(),
        onMessage: (details) => {
          this.#debug("message", details.data);
          this.dispatchEvent(messageEvent(details));
        },
        onClose: (close) => this.#ended(close),
        onError: (error) => this.#failed(error),
      },
      {
        target: () => targetOf(this._url, this._protocols),
        isRetried: (close) => isRetried(close, this._options),
      },
    );
    if (!options.startClosed) this.#socket.reconnect();
  }

  /** The type of binary messages: `blob` (the default) or `arraybuffer`. */
  get binaryType(): "arraybuffer" | "blob" {
    return this.#socket.binaryType;
  }

  set binaryType(value: "arraybuffer" | "blob") {
    this.#socket.binaryType = value;
  }

  /** The number of retries since the last connection that lasted `minUptime`. */
  get retryCount(): number {
    const openMs = performance.now() - this.#openSinceMs;
    if (openMs >= this.#option("minUptime")) return 0;
    return Math.min(this.#socket.retryCount, this.#option("maxRetries"));
  }

  /** Bytes in the queue and in the platform's buffer, text as UTF-8. */
  get bufferedAmount(): number {
    const queued = this.#queue.reduce((sum, message) => sum + bytesOf(message), 0);
    return queued + this.#socket.bufferedAmount;
  }

  /** The extensions that the server chose. */
  get extensions(): string {
    return this.#socket.latest?.extensions ?? "";
  }

  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#socket.latest?.protocol ?? "";
  }

  /**
   * The state, as a WebSocket's. It is `CLOSED` too while the client waits for the next attempt.
   */
  get readyState(): number {
    return this.#socket.readyState;
  }

  /** The URL of the latest connection, with its query; empty before the first. */
  get url(): string {
    return this.#socket.latest?.url ?? "";
  }

  /** Whether the client reconnects when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#socket.shouldReconnect;
  }

  /**
   * Closes the connection until `reconnect` is called. The `close` event is dispatched at once, if
   * there is a connection or an attempt has a socket.
   *
   * @param code 1000, the default, or 3000 to 4999. Another code is replaced by 1000.
   * @param reason at most 123 bytes of UTF-8.
   */
  close(code = 1000, reason = ""): void {
    const how = closeArguments(code, reason);
    this.#isClosedByApp = true;
    this.#isSilent = (this.#socket.latest?.readyState ?? CLOSED) > OPEN;
    this.#socket.close(...how);
    this.#isSilent = false;
  }

  /**
   * Reconnects now. It closes the current connection.
   *
   * @param code 1000, the default, or 3000 to 4999. Another code is replaced by 1000.
   * @param reason at most 123 bytes of UTF-8.
   */
  reconnect(code = 1000, reason = ""): void {
    this.#isClosedByApp = false;
    this.#socket.reconnect(...closeArguments(code, reason));
  }

  /**
   * Sends a message, or queues it until the connection is open.
   *
   * @returns whether it was sent at once.
   */
  send(data: Message): boolean {
    if (this.readyState === OPEN) {
      this.#debug("send", data);
      this.#socket.send(data);
      return true;
    }
    if (this.#isClosedByApp) {
      warnOnce(
        "A message was sent after close(). It is queued until reconnect() is called on this socket.",
      );
    }
    if (this.#queue.length < this.#option("maxEnqueuedMessages")) {
      this.#debug("enqueue", data);
      this.#queue.push(data);
    }
    return false;
  }

  /** Removes and returns the messages in the queue. */
  drainQueuedMessages(): Message[] {
    const messages = this.#queue;
    this.#queue = [];
    return messages;
  }

  #option(name: keyof typeof DEFAULTS): number {
    return this._options[name] ?? DEFAULTS[name];
  }

  #debug(...details: unknown[]): void {
    const { debug, debugLogger } = this._options;
    // oxlint-disable-next-line no-console -- the app asks for it
    if (debug) (debugLogger ?? console.log)("RWS>", ...details);
  }

  /** Returns a class that makes the app's sockets, with a timeout. */
  #webSocketClass(): WebSocketClass {
    const open = (...target: DialTarget) => this.#open(...target);
    return function WebSocketWithTimeout(...target: DialTarget) {
      return open(...target);
    } as unknown as WebSocketClass;
  }

  #open(url: string, protocols: string[] | undefined): object {
    const socket = newSocket(this._options.WebSocket, url, protocols);
    this.#timeout = setTimeout(
      () => {
        if (socket.readyState !== CONNECTING) return;
        this.#socket.leave({ code: ABNORMAL_CLOSURE, reason: "timeout", retry: true });
        this.#failed(new Error("TIMEOUT"));
      },
      Math.min(this.#option("connectionTimeout"), LONGEST_TIMER_MS),
    );
    return socket;
  }

  #entered(phase: Connecting | Waiting | Closed): void {
    if (phase.state === "connecting") this.#debug("connect", phase.attempt);
    if (phase.state === "waiting") this.#debug("next delay", phase.retryAtMs - Date.now());
    if (phase.state !== "closed" || phase.error?.code !== "superseded") return;
    warnOnce(
      "Another connection has taken over this id (4409), and this socket stays closed. Give each tab an id of its own, or pass `shouldReconnectOnClose: () => true`.",
    );
  }

  #opened(): void {
    this.#debug("open");
    clearTimeout(this.#timeout);
    this.#openSinceMs = performance.now();
    for (const message of this.drainQueuedMessages()) {
      try {
        this.#socket.send(message);
      } catch (error) {
        // The platform refuses the message. It must not hold back the others.
        this.#failed(error as Error);
      }
    }
    this.dispatchEvent(new Event("open"));
  }

  #ended(close: Close): void {
    this.#debug("close", close.code, close.reason);
    clearTimeout(this.#timeout);
    this.#openSinceMs = Infinity;
    if (!this.#isSilent) this.dispatchEvent(closeEvent(close));
  }

  #failed(error: Error): void {
    // The app's and the platform's own error, without this library's words.
    const shown = error.cause instanceof Error ? error.cause : error;
    this.#debug("error", shown.message);
    this.dispatchEvent(new ErrorEvent(shown));
  }

  #reconnectsAfter(close: Close): boolean {
    const { shouldReconnectOnClose } = this._options;
    const isWanted = !shouldReconnectOnClose || shouldReconnectOnClose(closeEvent(close));
    return isWanted && this.#socket.retryCount <= this.#option("maxRetries");
  }
}
