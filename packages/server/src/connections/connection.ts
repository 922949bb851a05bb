import {
  checkTags,
  type Contract,
  type DataArguments,
  encodeServerFrame,
  encodeText,
  type ErrorCode,
  isRetriedCloseCode,
  PartyError,
  type SendableMessage,
  type ServerEvent,
  type ServerEventName,
} from "@partyflare/shared";
import { type Attachment, eraseAttachment, readAttachment, writeAttachment } from "./attachment";
import type { Immutable } from "./immutable";
import { Inbox } from "./inbox";
import {
  bufferedBytes,
  closeSocket,
  GOING_AWAY,
  NO_CLOSE_FRAME,
  sendableClose,
  sendToSocket,
} from "./socket";

/**
 * One client's WebSocket in a room. Its id, tags and state survive hibernation.
 *
 * @typeParam State what `setState` was given; `unknown` where a room does not say.
 * @typeParam Tag the tags it may carry.
 * @typeParam C the contract whose events it is sent: `ConnectionOf<C>` fills in all three.
 */
export interface Connection<
  State = unknown,
  Tag extends string = string,
  C extends Contract = NoEvents,
> {
  /** The name by which the client connected, or a random one. 1 to 128 visible ASCII characters. */
  readonly id: string;

  /** What it is found by: see `getConnections(tags)`. */
  readonly tags: readonly Tag[];

  /** What `authorize` returned or `setState` was given last; null before. A copy, read-only. */
  readonly state: Immutable<State> | null;

  /** 0 connecting, 1 open, 2 closing, 3 closed, as a WebSocket has it. */
  readonly readyState: number;

  /** The platform's own WebSocket. To send and close, use the methods here: they never throw. */
  readonly socket: WebSocket;

  /**
   * Replaces the state. It is stored as a copy.
   *
   * @param next the new state, or a function from the one before (null when there is none).
   * @throws RangeError when id, tags, state and key exceed 16,384 bytes together, serialized;
   *   TypeError when it cannot be cloned. The state before stays in place then.
   */
  setState(next: State | ((previous: Immutable<State> | null) => State)): void;

  /**
   * Replaces the tags.
   *
   * @param tags at most 10, each of 1 to 256 characters.
   * @throws TypeError or RangeError when they are not; the tags before stay in place then.
   */
  setTags(tags: readonly Tag[]): void;

  /**
   * From that moment on nothing is taken from the connection or sent to it: at the next use it is
   * closed 4401, so that its client comes back with a fresh token or not at all. No timer runs.
   *
   * @param atMs milliseconds since 1970, as `Date.now()` counts them; a JWT's `exp` is in seconds.
   *   Infinity for never, as at first.
   * @throws RangeError for what is no number.
   */
  expireAt(atMs: number): void;

  /** Sends text or bytes. Once the connection is closing or closed, it does nothing. */
  send(message: SendableMessage): void;

  /**
   * Sends an event of the contract to this connection alone.
   *
   * @throws TypeError for data that JSON cannot hold.
   */
  emit<Name extends ServerEventName<C>>(
    event: Name,
    ...data: DataArguments<ServerEvent<C, Name>>
  ): void;

  /**
   * Closes the connection: it leaves the room at once, and its `onClose` runs with this code.
   *
   * @param code default 1000. 1005 sends none; one that may not be sent becomes 1011.
   * @param reason default empty; cut to 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string, options?: CloseOptions): void;
}

/** A contract without events. */
export type NoEvents = { readonly fromServer?: never };

/** What a client that speaks frames is told besides the code. */
export interface CloseOptions {
  /** Whether it comes back by itself. Default: what the code says, which is no for an app's own. */
  retry?: boolean;
  /** Milliseconds after which it comes back. */
  retryAfterMs?: number;
}

/** How a connection ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** Whether both sides said goodbye, or will. */
  readonly wasClean: boolean;
}

/** Whoever keeps the connections: told of what changes where they are listed. */
export interface ConnectionKeeper {
  retag(connection: RoomConnection, previous: readonly string[]): void;
  leave(connection: RoomConnection, closing: Closing): void;
  /** An event as the frame that carries it. */
  encodeEvent(name: string, data: unknown): string;
  /** Bytes that may wait for a reader. */
  readonly maxBufferedBytes: number;
}

/** The room's side of a connection. Users see the `Connection` of it. */
export class RoomConnection implements Connection {
  readonly id: string;
  readonly socket: WebSocket;
  readonly inbox = new Inbox();
  /** Ids of the calls that have arrived and are not answered. */
  readonly calls = new Set<number>();
  /** Frames in a row that could not be taken. */
  badFrames = 0;
  /** When it last gave a sign of life that this code has answered, and not the platform. */
  pingedAtMs: number | null = null;
  /** When it last sent anything, as far as this life of the object knows. */
  seenAtMs: number | null = null;
  readonly #keeper: ConnectionKeeper;
  #attachment: Attachment;
  #phase: "connecting" | "open" | "dismissed" | "gone";

  private constructor(
    socket: WebSocket,
    keeper: ConnectionKeeper,
    attachment: Attachment,
    phase: "connecting" | "open",
  ) {
    this.id = attachment.id;
    this.socket = socket;
    this.#keeper = keeper;
    this.#attachment = attachment;
    this.#phase = phase;
  }

  /** A connection that is about to be: it has state and tags, and cannot send or close yet. */
  static connecting(socket: WebSocket, keeper: ConnectionKeeper, attachment: Attachment) {
    const written = writeAttachment(socket, attachment, "state");
    return new RoomConnection(socket, keeper, written, "connecting");
  }

  /** The connection of a socket that was accepted before the object slept; null if it has left. */
  static restored(socket: WebSocket, keeper: ConnectionKeeper): RoomConnection | null {
    const attachment = readAttachment(socket);
    return attachment && new RoomConnection(socket, keeper, attachment, "open");
  }

  get tags(): readonly string[] {
    return this.#attachment.tags;
  }

  get state(): unknown {
    return this.#attachment.state;
  }

  get isFramed(): boolean {
    return this.#attachment.isFramed;
  }

  get keyHash(): string | null {
    return this.#attachment.keyHash;
  }

  get readyState(): number {
    switch (this.#phase) {
      case "connecting":
        return WebSocket.CONNECTING;
      case "open":
        return this.socket.readyState;
      case "dismissed":
      case "gone":
        return Math.max(this.socket.readyState, WebSocket.CLOSING);
      default:
        return this.#phase satisfies never;
    }
  }

  setState(next: unknown): void {
    const state: unknown = typeof next === "function" ? next(this.state) : next;
    this.#write({ ...this.#attachment, state: state ?? null }, "state");
  }

  setTags(tags: readonly string[]): void {
    const previous = this.tags;
    this.#write({ ...this.#attachment, tags: checkTags(tags) }, "tags");
    if (this.#phase === "open") this.#keeper.retag(this, previous);
  }

  expireAt(atMs: number): void {
    if (typeof atMs !== "number" || Number.isNaN(atMs))
      throw new RangeError("expireAt takes milliseconds since 1970.");
    const expiresAtMs = atMs === Infinity ? null : atMs;
    this.#write({ ...this.#attachment, expiresAtMs }, "state");
  }

  send(message: SendableMessage): void {
    const isText = this.isFramed && typeof message === "string";
    this.transmit(isText ? encodeText(message) : message);
  }

  emit(name: string, data?: unknown): void {
    this.transmit(this.#keeper.encodeEvent(name, data));
  }

  close(code = 1000, reason = "", { retry, retryAfterMs }: CloseOptions = {}): void {
    if (this.#phase === "connecting") throw notOpenYet("close");
    if (this.hasLeft) return;
    const sent = sendableClose(code, reason);
    if (this.isFramed) {
      const close = { ...sent, retry: retry ?? isRetriedCloseCode(sent.code), retryAfterMs };
      sendToSocket(this.socket, encodeServerFrame({ kind: "close", close }));
    }
    this.#phase = "dismissed";
    this.inbox.clear();
    eraseAttachment(this.socket);
    closeSocket(this.socket, sent.code, sent.reason);
    this.#keeper.leave(this, { ...sent, wasClean: true });
  }

  /** Sends what is ready for the wire: a frame, or what a raw connection is to get. */
  transmit(message: SendableMessage): void {
    if (this.#phase === "connecting") throw notOpenYet("send");
    if (this.#phase !== "open" || this.expire()) return;
    sendToSocket(this.socket, message);
    if (bufferedBytes(this.socket) > this.#keeper.maxBufferedBytes) this.#end("too_slow");
  }

  /** Closes it if its time is over, and says so. */
  expire(): boolean {
    const { expiresAtMs } = this.#attachment;
    if (expiresAtMs === null || Date.now() < expiresAtMs) return false;
    this.#end("unauthorized");
    return true;
  }

  /** The socket has been accepted. */
  open(): void {
    this.#phase = "open";
  }

  /** Whether it has left the room, and only its last hooks may still be running. */
  get hasLeft(): boolean {
    return this.#phase === "dismissed" || this.#phase === "gone";
  }

  /** Whether the room closed it: then what it sent before is not handled any more. */
  get wasDismissed(): boolean {
    return this.#phase === "dismissed";
  }

  /** The peer is gone and nobody has said so. */
  vanish(): void {
    this.closedByPeer({ code: NO_CLOSE_FRAME, reason: "", wasClean: false });
    closeSocket(this.socket, GOING_AWAY, "");
  }

  /** The peer has closed, or vanished: what it sent before is still handled. */
  closedByPeer(closing: Closing): void {
    if (this.hasLeft) return;
    this.#phase = "gone";
    eraseAttachment(this.socket);
    this.#keeper.leave(this, closing);
  }

  #end(errorCode: ErrorCode): void {
    const { closeCode, code } = new PartyError(errorCode);
    this.close(closeCode, code);
  }

  #write(next: Attachment, changed: "state" | "tags"): void {
    // Written again, a socket that has left would come back to life at the next wake.
    this.#attachment = this.hasLeft
      ? structuredClone(next)
      : writeAttachment(this.socket, next, changed);
  }
}

function notOpenYet(method: string): Error {
  return new Error(
    `connection.${method}() came before the connection is open. Wait for onConnect; ` +
      "to refuse the connection, throw a PartyError.",
  );
}
