import { PartyError } from "@partyflare/shared";
import { type FRAMED_PROTOCOL, offeredProtocols, RAW_PROTOCOL } from "@partyflare/shared/internal";
import Dialer from "partysocket/ws";
import { LONGEST_TIMER_MS } from "./backoff";
import { ABNORMAL_CLOSURE, abnormalClose, type Close } from "./close-event";
import type { Identity } from "./identity";
import type { PartySocketOptions } from "./options";
import { ask, type Provider } from "./provider";
import { type Query, withQuery } from "./room-url";
import { failureError, type LossError, lossError, silenceError } from "./status";

/** `WebSocket.OPEN` and `WebSocket.CLOSED`. Not every platform has the class. */
export const OPEN = 1;
export const CLOSED = 3;

/** Received data: text, or bytes of the type that `binaryType` sets. */
export type ReceivedMessage = string | ArrayBuffer | PlatformBlob;

/** The platform's `Blob`. Without the platform's types it is `never`, because it would be `any`. */
export type PlatformBlob = typeof globalThis extends { Blob: { prototype: infer Instance } }
  ? Instance
  : never;

/** What an attempt dials: the URL, and the subprotocols that it offers. */
export type DialTarget = readonly [url: string, protocols: string[] | undefined];

/** Options of an attempt. */
export interface AttemptOptions extends Pick<
  PartySocketOptions,
  "protocols" | "query" | "token" | "WebSocket"
> {
  /**
   * Returns what to dial. It replaces the options below, except `timeoutMs`. Default: the room's
   * URL, and this library's subprotocols.
   */
  target?: (() => Promise<DialTarget>) | undefined;
  /** The room's URL, without a query. Not needed with a `target`. */
  roomUrl: URL | undefined;
  /** The client's id and key. */
  identity: Provider<Identity>;
  /** Returns more parameters of the query, which the app cannot replace. Default: none. */
  asks?: (() => Query) | undefined;
  /** The protocol of the connection. Default: raw. */
  subprotocol?: typeof FRAMED_PROTOCOL | typeof RAW_PROTOCOL | undefined;
  /** The timeout of the whole attempt, in ms. */
  timeoutMs: number;
}

/** Callbacks of an attempt. None is called after the attempt is dropped. */
export interface AttemptHandlers {
  /** Called with the platform's socket, when it is made. */
  onSocket(socket: WebSocket): void;
  onOpen(): void;
  onMessage(event: Pick<MessageEvent<ReceivedMessage>, "data" | "origin">): void;
  /**
   * Called once, when the attempt has failed or its connection has ended.
   *
   * @param failure the error; undefined if the connection was closed.
   */
  onEnd(close: Close, failure?: LossError): void;
}

/**
 * One attempt to connect, and the connection that follows.
 *
 * It owns its partysocket, which dials once, without waits, retries or a queue. Dropping an attempt
 * drops its socket. Events of a dropped socket are ignored.
 */
export class Attempt {
  readonly #options: AttemptOptions;
  #handlers: AttemptHandlers | undefined;
  readonly #controller = new AbortController();
  readonly #deadline: ReturnType<typeof setTimeout>;
  #dialer: Dialer | undefined;
  #socket: WebSocket | undefined;
  /**
   * Whether the socket has been opened and the room has not answered. The room may then receive the
   * request later, even if the socket has failed: a proxy may have kept it.
   */
  #isAsking = false;

  constructor(options: AttemptOptions, handlers: AttemptHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    const withinMs = Math.min(options.timeoutMs, LONGEST_TIMER_MS);
    this.#deadline = setTimeout(() => this.#overdue(), withinMs);
    void this.#dial();
  }

  /** The platform's socket; undefined before it is created. */
  get socket(): WebSocket | undefined {
    return this.#socket;
  }

  /** Marks the connection as ready, and clears its timeout. */
  ready(): void {
    clearTimeout(this.#deadline);
  }

  /**
   * Gives up the attempt, or closes its connection.
   *
   * @returns whether the room may still receive the request, because it has not answered it.
   */
  drop(code?: number, reason?: string): boolean {
    this.#handlers = undefined;
    clearTimeout(this.#deadline);
    this.#controller.abort();
    const isAsking = this.#isAsking;
    this.#dialer?.close(code, reason);
    return isAsking;
  }

  async #dial(): Promise<void> {
    const { signal } = this.#controller;
    try {
      // The app's functions run on a stack of their own.
      await Promise.resolve();
      if (signal.aborted) return;
      const target = await (this.#options.target ?? roomTarget)(this.#options, signal);
      if (signal.aborted) return;
      const open = (...address: DialTarget) => this.#open(...address);
      this.#dialer = new Dialer(...target, {
        // partysocket calls this with `new`, and so receives the object that this returns.
        WebSocket: function WebSocketOfAttempt(...address: DialTarget) {
          return open(...address);
        },
        maxRetries: 0,
        // The attempt has a timeout of its own.
        connectionTimeout: LONGEST_TIMER_MS,
      });
    } catch (error) {
      const failure = error instanceof PartyError ? error : failureError(error);
      this.#handlers?.onEnd(abnormalClose(), failure);
    }
  }

  /** Opens the socket, and returns an object that partysocket uses in its place. */
  #open(url: string, protocols?: string[]): object {
    const { WebSocket: SocketClass = WebSocket } = this.#options;
    let socket: WebSocket;
    try {
      socket = new SocketClass(url, protocols) as WebSocket;
    } catch (cause) {
      const failure = failureError(cause);
      this.#handlers?.onEnd(abnormalClose(), failure);
      // Not the cause, which may be null: partysocket reads its message.
      throw failure;
    }
    this.#socket = socket;
    this.#isAsking = true;
    this.#handlers?.onSocket(socket);
    socket.addEventListener("open", () => {
      this.#isAsking = false;
      this.#handlers?.onOpen();
    });
    socket.addEventListener("message", (event) =>
      this.#handlers?.onMessage(event as MessageEvent<ReceivedMessage>),
    );
    socket.addEventListener("close", (event) => this.#handlers?.onEnd(event));
    socket.addEventListener("error", (event) => {
      const { error: cause = event } = event as Event & { error?: unknown };
      this.#handlers?.onEnd(abnormalClose(), lossError(ABNORMAL_CLOSURE, "", { cause }));
    });
    // partysocket receives no events, because it would copy each for listeners that it does not
    // have. It only closes the socket when the attempt is dropped.
    const ignore = () => {};
    return {
      addEventListener: ignore,
      removeEventListener: ignore,
      readyState: 0,
      close: (...how: Parameters<WebSocket["close"]>) => this.#handlers ?? socket.close(...how),
    };
  }

  #overdue(): void {
    // Ends the wait for the options. The error names the option that hangs.
    if (!this.#dialer) return this.#controller.abort();
    const { timeoutMs } = this.#options;
    const fault = this.#socket?.readyState === OPEN ? "did not say hello" : "gave no answer";
    const error = silenceError(`The room ${fault} within ${timeoutMs} ms.`);
    this.#handlers?.onEnd(abnormalClose("timeout"), error);
  }
}

/** Returns the target of an attempt that connects to a room of this library. */
async function roomTarget(options: AttemptOptions, signal: AbortSignal): Promise<DialTarget> {
  const valueOf = <Value>(name: string, provider: Provider<Value>) =>
    ask(name, provider, signal, options.timeoutMs);
  const [{ id, key }, parameters, secret, more] = await Promise.all([
    valueOf("id", options.identity),
    valueOf("query", options.query),
    valueOf("token", options.token),
    valueOf("protocols", options.protocols),
  ]);
  const offer = offeredProtocols(options.subprotocol ?? RAW_PROTOCOL, {
    key,
    token: secret ?? undefined,
  });
  return [
    withQuery(options.roomUrl!, { ...parameters, _pk: id, ...options.asks?.() }).href,
    [...offer, ...[more ?? []].flat()],
  ];
}
