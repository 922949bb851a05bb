import {
  checkTags,
  encodeServerFrame,
  encodeText,
  type ErrorCode,
  isRetriedCloseCode,
  MAX_BATCH_LENGTH,
  PartyError,
  type SendableMessage,
  TAKEN_WITHIN_MS,
} from "@partyflare/shared";
import { type Attachment, eraseAttachment, readAttachment, writeAttachment } from "./attachment";
import type { CloseOptions, Closing, Connection } from "./connection";
import type { Hold } from "./hold";
import { Inbox } from "./inbox";
import type { Pending } from "./pending";
import {
  bufferedBytes,
  closeSocket,
  GOING_AWAY,
  NO_CLOSE_FRAME,
  sendableClose,
  sendToSocket,
} from "./socket";

/** Whoever keeps the connections: told of what changes where they are listed. */
export interface ConnectionKeeper {
  retag(connection: RoomConnection, previous: readonly string[]): void;
  leave(connection: RoomConnection, closing: Closing): void;
  /** Sends a frame, now or with others that follow. */
  post(connection: RoomConnection, frame: string): void;
  /** Sends an event to one connection. */
  emit(connection: RoomConnection, name: string, data: unknown): void;
  /** What is sent in the middle of a transaction. */
  readonly hold: Hold;
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
  /** Frames that are to be sent as one message, before anything else is. */
  pending: Pending | null = null;
  /** When it last gave a sign of life that this code has answered, and not the platform. */
  pingedAtMs: number | null = null;
  /** When it last sent anything, as far as this life of the object knows. */
  seenAtMs: number | null = null;
  readonly #keeper: ConnectionKeeper;
  /** The client's end, until it is known to have left with the response. */
  #clientEnd: WebSocket | undefined;
  #openedAtMs = 0;
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
  static connecting(
    { 0: clientEnd, 1: socket }: { 0: WebSocket; 1: WebSocket },
    keeper: ConnectionKeeper,
    attachment: Attachment,
  ): RoomConnection {
    const written = writeAttachment(socket, attachment, "state");
    const connection = new RoomConnection(socket, keeper, written, "connecting");
    connection.#clientEnd = clientEnd;
    return connection;
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
    const next = checkTags(tags);
    // Most connections never have any, and each write is one more of a room's first moments.
    if (next.length === 0 && previous.length === 0) return;
    this.#write({ ...this.#attachment, tags: next }, "tags");
    if (this.#phase === "open") this.#keeper.retag(this, previous);
  }

  expireAt(atMs: number): void {
    if (typeof atMs !== "number" || Number.isNaN(atMs))
      throw new RangeError("expireAt takes milliseconds since 1970.");
    const expiresAtMs = atMs === Infinity ? null : atMs;
    this.#write({ ...this.#attachment, expiresAtMs }, "state");
  }

  send(message: SendableMessage): void {
    if (this.isFramed && typeof message === "string") {
      return this.#keeper.post(this, encodeText(message));
    }
    this.transmit(message);
  }

  emit(name: string, data?: unknown): void {
    this.#keeper.emit(this, name, data);
  }

  close(code = 1000, reason = "", { retry, retryAfterMs }: CloseOptions = {}): void {
    if (this.#phase === "connecting") throw notOpenYet("close");
    if (this.hasLeft) return;
    const { hold } = this.#keeper;
    if (hold.isOn) return hold.put(() => this.close(code, reason, { retry, retryAfterMs }));
    const sent = sendableClose(code, reason);
    if (this.isFramed) {
      const close = { ...sent, retry: retry ?? isRetriedCloseCode(sent.code), retryAfterMs };
      this.#sendAfterPending(encodeServerFrame({ kind: "close", close }));
    }
    this.#phase = "dismissed";
    this.pending = null;
    this.inbox.clear();
    eraseAttachment(this.socket);
    closeSocket(this.socket, sent.code, sent.reason);
    this.#keeper.leave(this, { ...sent, wasClean: true });
  }

  /** Sends what is ready for the wire: a frame, or what a raw connection is to get. */
  transmit(message: SendableMessage): void {
    if (this.#phase === "connecting") throw notOpenYet("send");
    const { hold } = this.#keeper;
    if (hold.isOn) return hold.put(() => this.transmit(message));
    if (this.#phase !== "open" || this.expire()) return;
    // Before and not after: one large message is no sign of a slow reader.
    if (bufferedBytes(this.socket) > this.#keeper.maxBufferedBytes) return this.#end("too_slow");
    this.#sendAfterPending(message);
  }

  /** Sends what waits. */
  flush(): void {
    const { pending } = this;
    this.pending = null;
    if (pending) this.transmit(pending.text);
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
    this.#openedAtMs = Date.now();
  }

  /**
   * Whether its client was gone before the response reached it. The platform reports no end of a
   * socket whose other half nobody ever took; but an end that a response has taken cannot be
   * accepted any more, and one that none has taken can.
   */
  wasNeverTaken(nowMs: number): boolean {
    const end = this.#clientEnd;
    if (!end || nowMs - this.#openedAtMs < TAKEN_WITHIN_MS) return false;
    this.#clientEnd = undefined;
    if (this.seenAtMs !== null) return false;
    try {
      end.accept();
    } catch {
      return false;
    }
    closeSocket(end, GOING_AWAY, "");
    return true;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Whether more than one message's worth has been sent to it and not been read, as far as is known. */
  get isBehind(): boolean {
    return bufferedBytes(this.socket) > MAX_BATCH_LENGTH;
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
    this.pending = null;
    eraseAttachment(this.socket);
    this.#keeper.leave(this, closing);
  }

  /** One message where both are text; only framed connections have anything pending. */
  #sendAfterPending(message: SendableMessage): void {
    const { pending } = this;
    if (!pending) return sendToSocket(this.socket, message);
    this.pending = null;
    if (typeof message === "string") {
      return sendToSocket(this.socket, `${pending.text}\n${message}`);
    }
    sendToSocket(this.socket, pending.text);
    sendToSocket(this.socket, message);
  }

  /** What waits is not sent any more. */
  #end(errorCode: ErrorCode): void {
    this.pending = null;
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
