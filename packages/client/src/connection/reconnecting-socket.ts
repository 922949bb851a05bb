import { randomKey, type SendableMessage } from "@partyflare/shared";
import { FRAMED_PROTOCOL, PING, PONG, type WireClose } from "@partyflare/shared/internal";
import { Attempt, CLOSED, OPEN } from "./attempt";
import { LONGEST_TIMER_MS } from "./backoff";
import {
  ABNORMAL_CLOSURE,
  abnormalClose,
  checkClose,
  cleanClose,
  type PartyCloseEvent,
} from "./close-event";
import { diagnose } from "./diagnosis";
import type { Stop } from "./emitter";
import type { Heartbeat } from "./heartbeat";
import { type Identity, identityOf, randomId } from "./identity";
import { onNetwork } from "./network";
import type { PartySocketOptions } from "./options";
import { RetryPolicy } from "./retry-policy";
import { roomUrl } from "./room-url";
import { closeError, failureError, type LossError, lossError, silenceError } from "./status";
import type { SocketHandlers, SocketWiring } from "./wiring";

/** The default of `connectionTimeout`. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** The default of `minUptime`, which is partysocket's own. */
const DEFAULT_UPTIME_MS = 5_000;

/** How many attempts fail before the client looks for a reason over HTTP, in development. */
const ATTEMPTS_BEFORE_DIAGNOSIS = 3;

/** Times are on the monotonic clock, in ms. */
type State =
  | { readonly name: "closed" }
  | {
      readonly name: "waiting";
      readonly dueAtMs: number;
      /** The room has asked not to be tried before. */
      readonly notBeforeMs: number;
      readonly error: LossError;
      readonly timer: ReturnType<typeof setTimeout>;
    }
  | { readonly name: "connecting"; readonly attempt: Attempt }
  | { readonly name: "open"; readonly attempt: Attempt; readonly sinceMs: number };

/** How to go on after an attempt or a connection has ended. */
interface Return {
  /** What went wrong; undefined where the connection was closed. */
  readonly failure?: LossError | undefined;
  /** Whether the room allows a reconnect. Default: what the close code means. */
  readonly retry?: boolean;
  /** What the room asks to wait at least. Default: 0. */
  readonly retryAfterMs?: number | undefined;
  /** What we wait on top of that. Default: the backoff. */
  readonly waitMs?: number | undefined;
}

/**
 * A connection to a room that is made anew when it is lost, until it closes for good.
 *
 * It is the one state machine of a client's connection: closed, connecting, open or waiting. Each
 * attempt is an object of its own, which is dropped with its socket. The state is changed before any
 * callback is called, so that callbacks may do anything.
 */
export class ReconnectingSocket {
  #identity: Identity;
  readonly #options: PartySocketOptions;
  readonly #handlers: SocketHandlers;
  readonly #wiring: SocketWiring;
  readonly #retries: RetryPolicy;
  /** Undefined where none is asked for. */
  readonly #heartbeat: Heartbeat | undefined;
  /** Undefined only where a server renders: there is no page to take the host from. */
  #roomUrl: URL | undefined;
  #state: State = { name: "closed" };
  /** The latest attempt's socket. */
  #socket: WebSocket | undefined;
  #binaryType: BinaryType = "blob";
  #stopListening: Stop | undefined;
  /** How many more attempts have to fail before it is looked for a reason. */
  #untilDiagnosis = ATTEMPTS_BEFORE_DIAGNOSIS;

  /** Throws as `PartySocket`'s constructor says. */
  constructor(
    options: PartySocketOptions,
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
        // Somebody waits for an answer to a probe.
        const waitMs = asked === "probe" ? 0 : undefined;
        this.#end(abnormalClose("timeout"), { failure, waitMs });
      },
      onCertain: () => handlers.onCertain?.(),
    });
    // A socket that is not to connect yet can be made anywhere, and of anything.
    if (!options.startClosed) this.reconnect();
  }

  /** By which the room knows this client. The same at every attempt. */
  get id(): string {
    return this.#identity.id;
  }

  /** Without a query. Throws where a server renders and no host was given. */
  get roomUrl(): URL {
    return (this.#roomUrl ??= roomUrl("ws", this.#options));
  }

  /** The platform's socket of the latest attempt that had one. */
  get latest(): Pick<WebSocket, "url" | "protocol" | "extensions"> | undefined {
    return this.#socket;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    this.#binaryType = value;
    if (this.#socket) this.#socket.binaryType = value;
  }

  /** As a WebSocket's; `CLOSED` while waiting for the next attempt too. */
  get readyState(): number {
    const attempt = this.#attempt;
    return attempt ? (attempt.socket?.readyState ?? 0) : CLOSED;
  }

  /** Bytes that are not yet handed to the network. */
  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** How many attempts or short-lived connections have come to nothing in a row. */
  get retryCount(): number {
    return this.#retries.failures;
  }

  /** Whether another attempt is made when the connection is lost. */
  get shouldReconnect(): boolean {
    return this.#state.name !== "closed";
  }

  /**
   * Whether the connection looks open and may be dead. What is sent now may be lost: queue it until
   * `onCertain` or the next connection. Without a heartbeat it is never in doubt.
   */
  get isInDoubt(): boolean {
    return this.#heartbeat?.isInDoubt ?? false;
  }

  /** Sends over a connection that is open. */
  send(message: SendableMessage | Blob): void {
    const socket = this.#attempt?.socket;
    this.#heartbeat?.measure(message);
    if (socket?.readyState === OPEN) socket.send(message);
    this.#heartbeat?.measure();
  }

  /** Closes for good, or until `reconnect` is called. Throws a RangeError as `checkClose` says. */
  close(code = 1000, reason = ""): void {
    checkClose(code, reason);
    if (this.#state.name === "closed") return;
    this.#drop(code, reason);
    this.#rest();
    this.#handlers.onClose?.(cleanClose(code, reason));
  }

  /** Closes the connection, if there is one, and connects at once. Throws as `close` does. */
  reconnect(code = 1000, reason = ""): void {
    checkClose(code, reason);
    identityOf(this.#identity);
    this.#roomUrl = this.roomUrl;
    if (!this.#options.WebSocket && typeof WebSocket === "undefined") {
      throw new TypeError("There is no `WebSocket` here: pass the class of `ws`.");
    }
    const hadSocket = this.#attempt?.socket !== undefined;
    this.#drop(code, reason);
    this.#retries.reset();
    this.#connect();
    if (hadSocket) this.#handlers.onClose?.(cleanClose(code, reason));
  }

  /**
   * Takes the connection for closed, as the room has announced that it will be: a room that sleeps
   * keeps the network's connection for 10 s more.
   */
  leave({ code, reason, retry, retryAfterMs }: WireClose): void {
    this.#end(cleanClose(code, reason), { retry, retryAfterMs });
  }

  /** The room has said hello: a connection that speaks frames is open from then on. */
  hello(): void {
    const state = this.#state;
    if (state.name !== "connecting") return;
    state.attempt.ready();
    this.#state = { name: "open", attempt: state.attempt, sinceMs: performance.now() };
    this.#untilDiagnosis = Infinity;
    this.#heartbeat?.start();
  }

  /**
   * Finds out at once whether the connection is alive, and cuts a wait short, though not the one
   * that the room has asked for.
   */
  probe(): void {
    const state = this.#state;
    if (state.name === "open") this.#heartbeat?.probe();
    // The wait after this attempt is a short one again.
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
    const { roomUrl } = this;
    // Another id and key may be claimed before the first attempt.
    const identity = async () => {
      if (this.#wiring.claim) this.#identity = await this.#wiring.claim(this.#identity);
      return this.#identity;
    };
    const attempt = new Attempt(
      { ...this.#options, ...this.#wiring, roomUrl, timeoutMs, identity },
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
          // The answer to a ping is for the heartbeat alone.
          if (!this.#heartbeat || event.data !== PONG) this.#handlers.onMessage(event);
          // Not before: what was held must not be sent to a room that announces its close.
          this.#heartbeat?.heard();
        },
        onEnd: (close, failure) => this.#end(close, { failure }),
      },
    );
    this.#state = { name: "connecting", attempt };
    this.#handlers.onPhase?.({ state: "connecting", attempt: this.#retries.failures });
  }

  /** The attempt has failed, or its connection has ended: waits for the next one, or closes. */
  #end(close: PartyCloseEvent, { retry, retryAfterMs, waitMs, ...more }: Return): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    const { code, reason } = close;
    const hadSocket = attempt.socket !== undefined;
    let { failure } = more;
    this.#drop();
    const { minUptime = DEFAULT_UPTIME_MS } = this.#options;
    const openMs = this.#state.name === "open" ? performance.now() - this.#state.sinceMs : -1;
    if (openMs >= minUptime) this.#retries.reset();
    let comesBack = false;
    try {
      comesBack = this.#retries.reconnectsAfter(close, retry);
    } catch (cause) {
      failure = failureError(cause);
    }
    // The app's function has closed the socket, or connected anew.
    if (attempt !== this.#attempt) return;
    if (comesBack) {
      // Less than nothing is not to be asked for: it would take the backoff away.
      const notBeforeMs = performance.now() + Math.max(retryAfterMs ?? 0, 0);
      const error = failure ?? lossError(code, reason, { retryAfterMs });
      const isUnexplained = hadSocket && code === ABNORMAL_CLOSURE;
      if (isUnexplained && --this.#untilDiagnosis === 0) void diagnose(this.roomUrl);
      this.#wait(notBeforeMs + (waitMs ?? this.#retries.waitMs), { notBeforeMs, error });
    } else {
      this.#rest(failure ?? closeError(code, reason));
    }
    if (hadSocket || !comesBack) this.#handlers.onClose?.(close);
    if (failure) this.#handlers.onError?.(failure);
  }

  /** Drops the attempt, or the wait for one. The state that follows is the caller's. */
  #drop(code?: number, reason?: string): void {
    this.#heartbeat?.stop();
    const state = this.#state;
    if (state.name === "waiting") clearTimeout(state.timer);
    else if (this.#attempt?.drop(code, reason)) this.#retries.expectLate();
  }

  #wait(dueAtMs: number, { notBeforeMs, error }: { notBeforeMs: number; error: LossError }): void {
    const waitMs = dueAtMs - performance.now();
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

  /** Nothing is attempted from here on, and nothing listened to. */
  #rest(error?: LossError): void {
    this.#state = { name: "closed" };
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#handlers.onPhase?.({ state: "closed", error });
  }
}
