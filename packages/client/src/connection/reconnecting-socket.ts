import { randomKey, type SendableMessage } from "@partyflare/shared";
import { FRAMED_PROTOCOL, PING, PONG, type WireClose } from "@partyflare/shared/internal";
import { Attempt, CLOSED, OPEN } from "./attempt";
import { LONGEST_TIMER_MS } from "./backoff";
import { ABNORMAL_CLOSURE, abnormalClose, type Close } from "./close-event";
import { diagnose } from "./diagnosis";
import type { Stop } from "./emitter";
import type { Heartbeat } from "./heartbeat";
import { type Identity, identityOf, randomId } from "./identity";
import { onNetwork } from "./network";
import { RetryPolicy } from "./retry-policy";
import { roomUrl } from "./room-url";
import { closeError, failureError, type LossError, lossError, silenceError } from "./status";
import type { SocketHandlers, SocketOptions, SocketWiring } from "./wiring";

/** The default of `connectionTimeout`. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** The default of `minUptime`, which is partysocket's own. */
const DEFAULT_UPTIME_MS = 5_000;

/** How many attempts fail before the client requests a diagnosis over HTTP, in development. */
const ATTEMPTS_BEFORE_DIAGNOSIS = 3;

/** `ended`: the app decides whether to reconnect. Times are on the monotonic clock, in ms. */
type State =
  | { readonly name: "closed" }
  | { readonly name: "ended" }
  | {
      readonly name: "waiting";
      readonly dueAtMs: number;
      /** The room asked not to reconnect before this time. */
      readonly notBeforeMs: number;
      readonly error: LossError;
      readonly timer: ReturnType<typeof setTimeout>;
    }
  | { readonly name: "connecting"; readonly attempt: Attempt }
  | { readonly name: "open"; readonly attempt: Attempt; readonly sinceMs: number };

/** How to continue after an attempt or a connection has ended. */
interface Return {
  /** The error; undefined if the connection was closed. */
  readonly failure?: LossError | undefined;
  /** Whether the room allows a reconnect. Default: derived from the close code. */
  readonly retry?: boolean;
  /** The shortest wait that the room asks for. Default: 0. */
  readonly retryAfterMs?: number | undefined;
  /** The client's wait on top of that. Default: the backoff. */
  readonly waitMs?: number | undefined;
}

/**
 * A connection to a room that reconnects until it closes for good.
 *
 * It is the only state machine of a client's connection: closed, connecting, open or waiting. Each
 * attempt is an object of its own, which is dropped with its socket. The state changes before a
 * callback is called, so that callbacks may call any method.
 */
export class ReconnectingSocket {
  #identity: Identity;
  readonly #options: SocketOptions;
  readonly #handlers: SocketHandlers;
  readonly #wiring: SocketWiring;
  readonly #retries: RetryPolicy;
  /** The heartbeat; undefined without the option. */
  readonly #heartbeat: Heartbeat | undefined;
  /**
   * Undefined with a `target`, and on a server that renders, which has no page to take the host
   * from.
   */
  #roomUrl: URL | undefined;
  #state: State = { name: "closed" };
  /** The latest attempt's socket. */
  #socket: WebSocket | undefined;
  #binaryType: "arraybuffer" | "blob" = "blob";
  #stopListening: Stop | undefined;
  /** How many more attempts must fail before the diagnosis. */
  #untilDiagnosis = ATTEMPTS_BEFORE_DIAGNOSIS;

  /** Throws as `PartySocket`'s constructor does. */
  constructor(
    options: SocketOptions,
    handlers: SocketHandlers,
    { random = Math.random, ...wiring }: SocketWiring = {},
  ) {
    this.#identity = { id: options.id ?? randomId(), key: options.key ?? randomKey() };
    this.#options = options;
    this.#handlers = handlers;
    this.#wiring = wiring;
    const renewsToken = wiring.renewsToken ?? (() => typeof options.token === "function");
    this.#retries = new RetryPolicy({ ...options, random, renewsToken });
    this.#heartbeat = options.heartbeat?.({
      ...wiring,
      random,
      ping: () => this.send(PING),
      unsentBytes: () => this.bufferedAmount,
      onSilence: (asked) => {
        const failure = silenceError("The room gave no answer.");
        // A user may be waiting for the result of a probe.
        const waitMs = asked === "probe" ? 0 : undefined;
        this.#end(abnormalClose("timeout"), { failure, waitMs });
      },
      onCertain: () => handlers.onCertain?.(),
    });
    // A closed socket needs neither a page nor valid options.
    if (!options.startClosed) this.reconnect();
  }

  /** This client's id in the room. It is the same at every attempt. */
  get id(): string {
    return this.#identity.id;
  }

  /** The room's URL, without a query. Throws on a server if no host was given. */
  get roomUrl(): URL {
    return (this.#roomUrl ??= roomUrl("ws", this.#options));
  }

  /** The platform's socket of the latest attempt that had one. */
  get latest(): Pick<WebSocket, "url" | "protocol" | "extensions" | "readyState"> | undefined {
    return this.#socket;
  }

  get binaryType(): "arraybuffer" | "blob" {
    return this.#binaryType;
  }

  set binaryType(value: "arraybuffer" | "blob") {
    this.#binaryType = value;
    if (this.#socket) this.#socket.binaryType = value;
  }

  /**
   * The state, as a WebSocket's. It is `CLOSED` too while the client waits for the next attempt.
   */
  get readyState(): number {
    const attempt = this.#attempt;
    return attempt ? (attempt.socket?.readyState ?? 0) : CLOSED;
  }

  /** The bytes that are not yet handed to the network. */
  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** The number of failed attempts and short-lived connections in a row. */
  get retryCount(): number {
    return this.#retries.failures;
  }

  /** Whether the client reconnects when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#state.name !== "closed";
  }

  /**
   * Whether the connection is open but may be dead. A message that is sent now may be lost: queue
   * it until `onCertain` or the next connection. Without a heartbeat this is always false.
   */
  get isInDoubt(): boolean {
    return this.#heartbeat?.isInDoubt ?? false;
  }

  /** Sends a message over an open connection. */
  send(message: SendableMessage | Blob): void {
    const socket = this.#attempt?.socket;
    this.#heartbeat?.measure(message);
    if (socket?.readyState === OPEN) socket.send(message);
    this.#heartbeat?.measure();
  }

  /**
   * Closes the connection for good, or until `reconnect` is called.
   *
   * @param code the platform takes it, with its reason: see `checkClose`.
   */
  close(code = 1000, reason = ""): void {
    const { name } = this.#state;
    if (name === "closed") return;
    this.#drop(code, reason);
    this.#rest();
    // The app's function has closed the socket: `#end` reports the close that it was asked about.
    if (name !== "ended") this.#handlers.onClose?.({ code, reason, wasClean: true });
  }

  /** Reconnects now, and closes the current connection as `close` does. */
  reconnect(code = 1000, reason = ""): void {
    if (!this.#wiring.target) {
      identityOf(this.#identity);
      this.#roomUrl = this.roomUrl;
      if (!this.#options.WebSocket && typeof WebSocket === "undefined") {
        throw new TypeError("There is no `WebSocket` here: pass the class of `ws`.");
      }
    }
    const hadSocket = this.#attempt?.socket !== undefined;
    this.#drop(code, reason);
    this.#retries.reset();
    this.#connect();
    if (hadSocket) this.#handlers.onClose?.({ code, reason, wasClean: true });
  }

  /**
   * Ends the connection after the room's announcement of a close. A hibernating room keeps the
   * network connection for 10 s more.
   */
  leave({ code, reason, retry, retryAfterMs }: WireClose): void {
    this.#end({ code, reason, wasClean: true }, { retry, retryAfterMs });
  }

  /** Handles the room's `$hello`, which opens a connection that uses frames. */
  hello(): void {
    const state = this.#state;
    if (state.name !== "connecting") return;
    state.attempt.ready();
    this.#state = { name: "open", attempt: state.attempt, sinceMs: performance.now() };
    this.#untilDiagnosis = Infinity;
    this.#heartbeat?.start();
  }

  /**
   * Checks now whether the connection is alive, and ends a wait. The wait that the room asked for
   * is kept.
   */
  probe(): void {
    const state = this.#state;
    if (state.name === "open") this.#heartbeat?.probe();
    // Resets the backoff, so that the wait after this attempt is short.
    if (state.name === "connecting") this.#retries.failures = 0;
    if (state.name !== "waiting") return;
    const nowMs = performance.now();
    const dueAtMs = Math.max(state.notBeforeMs, nowMs);
    if (state.dueAtMs <= dueAtMs) return;
    clearTimeout(state.timer);
    if (dueAtMs > nowMs) return this.#wait(dueAtMs, state);
    this.#retries.failures = 0;
    this.#connect();
  }

  get #attempt(): Attempt | undefined {
    return "attempt" in this.#state ? this.#state.attempt : undefined;
  }

  #connect(): void {
    this.#stopListening ??= onNetwork({
      onAway: () => this.#heartbeat?.doubt(),
      onBack: () => this.probe(),
    });
    const { connectionTimeout: timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    // The claim may replace the id and key before the first attempt.
    const identity = async () => {
      if (this.#wiring.claim) this.#identity = await this.#wiring.claim(this.#identity);
      return this.#identity;
    };
    const attempt = new Attempt(
      { ...this.#options, ...this.#wiring, roomUrl: this.#roomUrl, timeoutMs, identity },
      {
        onSocket: (socket) => {
          this.#socket = socket;
          socket.binaryType = this.#binaryType;
        },
        onOpen: () => {
          if (this.#wiring.subprotocol !== FRAMED_PROTOCOL) this.hello();
          this.#handlers.onOpen?.();
        },
        onMessage: (event) => {
          // Only the heartbeat receives the pong.
          if (!this.#heartbeat || event.data !== PONG) this.#handlers.onMessage(event);
          // After the message, because queued messages must not be sent to a room that announces
          // its close.
          this.#heartbeat?.heard();
        },
        onEnd: (close, failure) => this.#end(close, { failure }),
      },
    );
    this.#state = { name: "connecting", attempt };
    this.#handlers.onPhase?.({ state: "connecting", attempt: this.#retries.failures });
  }

  /** Handles the end of an attempt or a connection: waits for the next attempt, or closes. */
  #end(close: Close, { retry, retryAfterMs, waitMs, ...more }: Return): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    const { code, reason } = close;
    const hadSocket = attempt.socket !== undefined;
    let { failure } = more;
    this.#drop();
    const { minUptime = DEFAULT_UPTIME_MS } = this.#options;
    const openMs = this.#state.name === "open" ? performance.now() - this.#state.sinceMs : -1;
    if (openMs >= minUptime) this.#retries.reset();
    const ended: State = (this.#state = { name: "ended" });
    let comesBack = false;
    try {
      comesBack = this.#retries.reconnectsAfter(close, retry ?? this.#wiring.isRetried?.(close));
    } catch (cause) {
      failure = failureError(cause);
    }
    // Otherwise the app's function has closed the socket or reconnected.
    if (this.#state !== ended) comesBack = this.shouldReconnect;
    else if (comesBack) {
      // A negative wait must not shorten the backoff.
      const notBeforeMs = performance.now() + Math.max(retryAfterMs ?? 0, 0);
      const error = failure ?? lossError(code, reason, { retryAfterMs });
      const isUnexplained = hadSocket && code === ABNORMAL_CLOSURE;
      if (isUnexplained && --this.#untilDiagnosis === 0) void diagnose(this.#roomUrl);
      this.#wait(notBeforeMs + (waitMs ?? this.#retries.waitMs), { notBeforeMs, error });
    } else {
      this.#rest(failure ?? closeError(code, reason));
    }
    if (hadSocket || !comesBack) this.#handlers.onClose?.(close);
    if (failure) this.#handlers.onError?.(failure);
  }

  /** Drops the attempt, or the wait for one. The caller sets the next state. */
  #drop(code?: number, reason?: string): void {
    this.#heartbeat?.stop();
    const state = this.#state;
    if (state.name === "waiting") clearTimeout(state.timer);
    else if (this.#attempt?.drop(code, reason)) this.#retries.expectLate();
  }

  #wait(dueAtMs: number, { notBeforeMs, error }: { notBeforeMs: number; error: LossError }): void {
    // Node warns of a wait below 0.
    const waitMs = Math.max(0, dueAtMs - performance.now());
    const timer = setTimeout(() => this.#connect(), Math.min(waitMs, LONGEST_TIMER_MS));
    this.#state = { name: "waiting", dueAtMs, notBeforeMs, error, timer };
    const retryAtMs = Date.now() + waitMs;
    this.#handlers.onPhase?.({
      state: "waiting",
      attempt: this.#retries.failures,
      retryAtMs,
      error,
    });
  }

  /** Closes the socket: it makes no attempts and has no listeners any more. */
  #rest(error?: LossError): void {
    this.#state = { name: "closed" };
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#handlers.onPhase?.({ state: "closed", error });
  }
}
