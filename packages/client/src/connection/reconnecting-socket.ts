import {
  ERRORS,
  FRAMED_PROTOCOL,
  isRetriedCloseCode,
  PING,
  PONG,
  roomPath,
  type SendableMessage,
  type WireClose,
} from "@partyflare/shared";
import ReconnectingWebSocket, { CloseEvent as MadeUpCloseEvent } from "partysocket/ws";
import {
  ABNORMAL_CLOSURE,
  type Attempt,
  Attempts,
  type AttemptsOptions,
  DEFAULT_TIMEOUT_MS,
} from "./attempts";
import { checkClose } from "./close-event";
import { type Identity, identityOf, withoutSecrets } from "./identity";
import type { Stop } from "./emitter";
import { PartyCloseEvent, type ReceivedMessage } from "../socket/socket-events";
import { Liveness, type LivenessOptions, type Silence } from "./heartbeat";
import type { PartySocketOptions } from "./options";
import { onPageReturn } from "./network";
import { currentPage, roomUrl } from "./room-url";
import { type LossError, lossError, silenceError } from "./status";

/** What whoever holds a redialer is told. */
export interface RedialerHandlers {
  /** Called when a connection is open. */
  onOpen?(): void;
  onMessage(event: Pick<MessageEvent<ReceivedMessage>, "data" | "origin">): void;
  /** Called when a connection has ended or an attempt at one has failed. */
  onClose(event: PartyCloseEvent): void;
  onError?(error: Error): void;
}

/** How it is wired: with times and chance where a test has its own. */
export type RedialerWiring = Partial<
  Pick<AttemptsOptions, "onPhase" | "position" | "random" | "renewsToken" | "subprotocol"> & {
    /** Who is to connect, where that is known only before an attempt. Asked before each. */
    claim: (identity: Identity) => Promise<Identity>;
  } & Pick<LivenessOptions, "pingEveryMs" | "pongWithinMs" | "probeWithinMs">
>;

/** What partysocket says of an attempt that took too long, and we of a connection that is silent. */
const TIMEOUT = "timeout";

/**
 * A connection to a room that is dialled again when it is lost, until it ends for good.
 *
 * It is built on partysocket's `ReconnectingWebSocket`: that one dials; this one decides when, where
 * to, with what and whether, and notices what that one does not: a connection that is dead though
 * nobody has said so. It holds that socket rather than being one, because the events that one
 * passes on to its listeners lose their code, reason and message in browsers.
 */
export class Redialer {
  #identity: Identity;
  readonly #options: PartySocketOptions;
  readonly #handlers: RedialerHandlers;
  readonly #attempts: Attempts;
  /** Undefined where no sign of life is asked for. */
  readonly #liveness: Liveness | undefined;
  readonly #isFramed: boolean;
  readonly #socket: ReconnectingWebSocket;
  /** Undefined only where a server renders: there is no page to take the host from. */
  #roomUrl: URL | undefined;
  #isClosed: boolean;
  /** What to tell of the end of the connection while it is we who end it. */
  #farewell: PartyCloseEvent | undefined;
  #stopListening: Stop | undefined;
  /** Whether an attempt was given up that may still reach the room, and supersede a later one. */
  #hasGivenUp = false;

  /** Throws as `PartySocket`'s constructor says. */
  constructor(
    options: PartySocketOptions,
    handlers: RedialerHandlers,
    { random = Math.random, ...wiring }: RedialerWiring = {},
  ) {
    this.#identity = identityOf(options);
    this.#options = options;
    this.#handlers = handlers;
    const identity = async () => {
      if (wiring.claim) this.#identity = await wiring.claim(this.#identity);
      return this.#identity;
    };
    this.#attempts = new Attempts({ ...options, ...wiring, identity, random });
    this.#isFramed = wiring.subprotocol === FRAMED_PROTOCOL;
    if (this.#isFramed || options.liveness) {
      const ping = () => this.send(PING);
      const onSilence = (asked: Silence) => this.#onSilence(asked);
      this.#liveness = new Liveness({ ...wiring, ping, onSilence, random });
    }
    this.#isClosed = options.startClosed ?? false;
    // A socket that is not to connect yet can be made anywhere; its address is checked all the same.
    if (options.host !== undefined || currentPage()) this.#roomUrl = roomUrl("ws", options);
    else roomPath(options);
    if (!this.#isClosed) this.#checkReady();
    this.#socket = this.#redialing();
    if (!this.#isClosed) this.#listenToPage();
  }

  /** By which the room knows this client. The same at every attempt. */
  get id(): string {
    return this.#identity.id;
  }

  /** partysocket's, to read from. */
  get socket(): Omit<ReconnectingWebSocket, "close" | "readyState" | "reconnect" | "send"> {
    return this.#socket;
  }

  /** The host, with its port; empty where a server renders and none was given. */
  get host(): string {
    return this.#roomUrl?.host ?? "";
  }

  /** Without a query. Throws where a server renders and no host was given. */
  get roomUrl(): URL {
    return (this.#roomUrl ??= roomUrl("ws", this.#options));
  }

  /** As a WebSocket's; `CLOSED` while waiting for the next attempt too. */
  get readyState(): number {
    const { CLOSED, CONNECTING, url, readyState } = this.#socket;
    if (this.#isClosed) return CLOSED;
    return url === "" ? CONNECTING : readyState;
  }

  /** Bytes that are not yet handed to the network. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** For a connection that is open. */
  send(message: SendableMessage | Blob): void {
    this.#socket.send(message);
  }

  /** Closes for good, or until `reconnect` is called. Throws a RangeError as `checkClose` says. */
  close(code = 1000, reason?: string): void {
    checkClose(code, reason);
    this.#rest();
    this.#leave({ code, reason }, () => this.#socket.close(code, reason));
  }

  /** Closes the connection, if there is one, and connects at once. Throws as `close` does. */
  reconnect(code = 1000, reason?: string): void {
    checkClose(code, reason);
    this.#checkReady();
    this.#isClosed = false;
    this.#listenToPage();
    this.#leave({ code, reason }, () => this.#socket.reconnect(code, reason));
    this.#attempts.restart();
  }

  /**
   * Takes the connection for closed, as the room has announced that it will be: a room that sleeps
   * keeps the network's connection for 10 s more.
   *
   * @returns whether it will come back.
   */
  leave({ code, reason, retry, retryAfterMs }: WireClose): boolean {
    const comesBack = retry || this.#triesOnceMore(code);
    if (comesBack) {
      this.#leave({ code, reason }, () => this.#socket.reconnect());
      this.#attempts.plan(lossError(code, reason, retryAfterMs), { retryAfterMs });
    } else {
      this.#rest();
      this.#leave({ code, reason }, () => this.#socket.close());
    }
    return comesBack;
  }

  /** The room has said hello. A room that speaks frames and does not has not answered. */
  greeted(): void {
    this.#liveness?.greeted();
    this.#attempts.opened();
  }

  /** The socket that dials. When, where to and with what is told by `Attempts`. */
  #redialing(): ReconnectingWebSocket {
    // oxlint-disable-next-line no-console -- it is what `debug` is for
    const { debugLogger = console.log } = this.#options;
    let attempt: Promise<Attempt> | undefined;
    // The URL is asked for first, and the subprotocols right after: both are one attempt's.
    const url = async () => (await (attempt = this.#attempts.next(this.roomUrl))).url;
    const protocols = async () => (await attempt)?.protocols ?? [];
    const socket = new ReconnectingWebSocket(url, protocols, {
      ...this.#options,
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      reconnectionDelayGrowFactor: 1,
      maxEnqueuedMessages: 0,
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

  #comesBack(event: MadeUpCloseEvent): boolean {
    // Neither is a connection's end: `reconnect` has yet to connect, and the failure is retried.
    if (this.#farewell || this.#attempts.failure) return true;
    const close = faithful(event);
    if (!isRetriedCloseCode(close.code) && !this.#triesOnceMore(close.code)) return false;
    return this.#options.shouldReconnectOnClose?.(close) ?? true;
  }

  /** Whether a close that is final is not, this once. */
  #triesOnceMore(closeCode: number): boolean {
    switch (closeCode) {
      case ERRORS.unauthorized.closeCode:
        return this.#attempts.takeRenewal();
      case ERRORS.superseded.closeCode: {
        // By an attempt of our own, it may be. If by another tab, that one is the next to go, for good.
        const hasGivenUp = this.#hasGivenUp;
        this.#hasGivenUp = false;
        return hasGivenUp;
      }
      default:
        return false;
    }
  }

  #onOpen(): void {
    if (!this.#isFramed) this.#attempts.opened();
    this.#liveness?.start(this.#isFramed ? this.#timeoutMs : undefined);
    this.#handlers.onOpen?.();
  }

  #onMessage(event: MessageEvent<ReceivedMessage>): void {
    this.#liveness?.heard();
    if (!this.#liveness || event.data !== PONG) this.#handlers.onMessage(event);
  }

  #onClose(event: MadeUpCloseEvent): void {
    // Without a socket nothing has been closed. The `error` event that follows says what failed.
    if (this.#attempts.failure) return;
    this.#liveness?.stop();
    const close = this.#farewell ?? faithful(event);
    if (isGivenUp(close)) this.#hasGivenUp = true;
    if (!this.#socket.shouldReconnect) this.#stopListening?.();
    else if (!this.#farewell) this.#attempts.plan(this.#lossOf(close));
    this.#handlers.onClose(close);
  }

  #onError({ error, message }: { error?: Error; message?: string }): void {
    const failure = this.#attempts.takeFailure() ?? error ?? new Error(message);
    if (!this.#isClosed) this.#handlers.onError?.(failure);
  }

  /** The connection has not given what it was asked for: it is dropped, and its end not awaited. */
  #onSilence(asked: Silence): void {
    const message =
      asked === "greeting"
        ? `The room did not say hello within ${this.#timeoutMs} ms.`
        : "The connection gave no sign of life.";
    const close = { code: ABNORMAL_CLOSURE, reason: TIMEOUT, wasClean: false };
    this.#leave(close, () => this.#socket.reconnect());
    const waitFor = asked === "probe" ? "nothing" : "backoff";
    this.#attempts.plan(silenceError(message), { waitFor });
  }

  #lossOf({ code, reason, wasClean }: PartyCloseEvent): LossError {
    if (!isGivenUp({ reason, wasClean })) return lossError(code, reason);
    return silenceError(`The room gave no answer within ${this.#timeoutMs} ms.`);
  }

  /** Ends the connection, if there is one, and tells that it ended with this. */
  #leave(
    { code, reason = "", wasClean = true }: { code: number; reason?: string; wasClean?: boolean },
    step: () => void,
  ): void {
    this.#liveness?.stop();
    if (this.#socket.readyState === this.#socket.CONNECTING) this.#hasGivenUp = true;
    this.#farewell = new PartyCloseEvent({ code, reason, wasClean });
    try {
      step();
    } finally {
      this.#farewell = undefined;
    }
  }

  /** Nothing is attempted from here on, and nothing listened to. */
  #rest(): void {
    this.#isClosed = true;
    this.#attempts.hold();
    this.#stopListening?.();
  }

  #listenToPage(): void {
    this.#stopListening?.();
    this.#stopListening = onPageReturn(() => {
      this.#attempts.hurry();
      this.#liveness?.probe();
    });
  }

  get #timeoutMs(): number {
    return this.#options.connectionTimeout ?? DEFAULT_TIMEOUT_MS;
  }

  #checkReady(): void {
    this.#roomUrl ??= roomUrl("ws", this.#options);
    if (!this.#options.WebSocket && typeof WebSocket === "undefined") {
      throw new TypeError("There is no WebSocket class here: pass one as `WebSocket`, from `ws`.");
    }
  }
}

/** Whether it ended because it took too long: the network may still deliver what was sent. */
function isGivenUp({ reason, wasClean }: Pick<PartyCloseEvent, "reason" | "wasClean">): boolean {
  return !wasClean && reason === TIMEOUT;
}

/** A close event as it should have been: partysocket makes up its own for failures, with 1000. */
function faithful(event: MadeUpCloseEvent): PartyCloseEvent {
  if (!(event instanceof MadeUpCloseEvent)) return new PartyCloseEvent(event);
  return new PartyCloseEvent({
    code: ABNORMAL_CLOSURE,
    reason: event.reason,
    wasClean: false,
  });
}
