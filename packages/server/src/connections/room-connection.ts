import { type ErrorCode, isRetriedCloseCode, type SendableMessage } from "@partyflare/shared";
import {
  checkTags,
  encodeServerFrame,
  encodeText,
  MAX_BATCH_LENGTH,
  mistake,
} from "@partyflare/shared/internal";
import { clientOf } from "../client";
import type { Turn } from "../turn";
import { type Attachment, eraseAttachment, writeAttachment } from "./attachment";
import { ClientEnd } from "./client-end";
import type { CloseOptions, Closing, Connection } from "./connection";
import type { Pending } from "./pending";
import { SerialQueue } from "./serial-queue";
import {
  bufferedBytes,
  closeSocket,
  copyOf,
  GOING_AWAY,
  INTERNAL_ERROR,
  NO_CLOSE_FRAME,
  sendableClose,
  sendToSocket,
} from "./socket";

/** Lists the connections, and is told of what changes where. */
export interface ConnectionKeeper {
  retag(connection: RoomConnection, previous: readonly string[]): void;
  /** It is listed no more from now on. Its hooks run after the turn. */
  leave(connection: RoomConnection, closing: Closing): void;
  /** It is listed no more, as if it had never been. */
  forget(connection: RoomConnection): void;
  /** Sends a frame, now or with others that follow. */
  post(connection: RoomConnection, frame: string): void;
  /** Sends an event to one connection. */
  emit(connection: RoomConnection, name: string, data: unknown): void;
  readonly turn: Turn;
  /** Bytes that may wait for a reader. */
  readonly maxBufferedBytes: number;
}

/** The room's side of a connection. Users see the `Connection` of it. */
export class RoomConnection implements Connection {
  readonly id: string;
  readonly socket: WebSocket;
  readonly queue = new SerialQueue();
  /** Frames in a row that could not be taken. */
  badFrames = 0;
  /** Frames that are to be sent as one message, before anything else is. */
  pending: Pending | null = null;
  /** In which window of the room it was last sent a frame, by its number; 0 for none. */
  window = 0;
  /** When it last pinged, where this code has answered and not the platform. */
  pingedAtMs: number | null = null;
  /** When it last sent anything, as far as this life of the object knows. */
  seenAtMs: number | null = null;
  readonly #keeper: ConnectionKeeper;
  /** Of a connection of this life of the object. */
  #clientEnd: ClientEnd | undefined;
  #attachment: Attachment;
  #phase: "connecting" | "open" | "dismissed" | "gone" | "abandoned";
  /** Whether nothing more is sent: in a transaction, what it sent before a close still is. */
  #isSilent = false;
  #client: string | undefined;

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
    connection.#clientEnd = new ClientEnd(clientEnd);
    return connection;
  }

  /** The connection of a socket that was accepted before the object slept. */
  static restored(
    socket: WebSocket,
    keeper: ConnectionKeeper,
    attachment: Attachment,
  ): RoomConnection {
    return new RoomConnection(socket, keeper, attachment, "open");
  }

  get client(): string {
    return (this.#client ??= clientOf(this.#attachment));
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
      case "abandoned":
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
    if (this.#phase === "connecting") throw notOpenYet("emit");
    this.#keeper.emit(this, name, data);
  }

  close(code = 1000, reason = "", { retry, retryAfterMs }: CloseOptions = {}): void {
    if (this.#phase === "connecting") throw notOpenYet("close");
    if (this.hasLeft) return;
    const sent = sendableClose(code, reason);
    this.#phase = "dismissed";
    this.queue.clear();
    eraseAttachment(this.socket);
    this.#keeper.leave(this, { ...sent, wasClean: true });
    this.#keeper.turn.afterTransaction(() => {
      if (this.isFramed) {
        const close = { ...sent, retry: retry ?? isRetriedCloseCode(sent.code), retryAfterMs };
        this.#sendAfterPending(encodeServerFrame({ kind: "close", close }));
      }
      this.#silence();
      closeSocket(this.socket, sent.code, sent.reason);
    });
  }

  /** Sends what is ready for the wire: a frame, or what a raw connection is to get. */
  transmit(message: SendableMessage): void {
    if (this.#phase === "connecting") throw notOpenYet("send");
    if (this.#phase !== "open" || this.expire()) return;
    if (this.#keeper.turn.isInTransaction) this.#sendLater(copyOf(message));
    else this.sendNow(message);
  }

  #sendLater(message: SendableMessage): void {
    this.#keeper.turn.afterCommit(() => this.sendNow(message));
  }

  /** Sends what is ready for the wire and was sent while it was open, after what waits. */
  sendNow(message: SendableMessage): void {
    if (this.#isSilent) return;
    // Before and not after: one large message does not make a slow reader.
    if (bufferedBytes(this.socket) > this.#keeper.maxBufferedBytes) return this.#end("too_slow");
    this.#sendAfterPending(message);
  }

  /** Puts a frame behind those that are to be sent together. It is sent when they are flushed. */
  append(pending: Pending): void {
    if (!this.#isSilent) this.pending = pending;
  }

  /** Sends what waits. */
  flush(): void {
    const { pending } = this;
    this.pending = null;
    if (pending && !this.expire()) this.sendNow(pending.text);
  }

  /** Closes it if its time is over. */
  expire(): boolean {
    if (!this.isExpired) return false;
    this.#end("unauthorized");
    return true;
  }

  /** Whether its time is over. */
  get isExpired(): boolean {
    const { expiresAtMs } = this.#attachment;
    return expiresAtMs !== null && Date.now() >= expiresAtMs;
  }

  /** The socket has been accepted. */
  open(): void {
    this.#phase = "open";
    this.#clientEnd?.offer(Date.now());
  }

  /** Whether its client was gone before the response reached it. */
  wasNeverTaken(nowMs: number): boolean {
    if (this.seenAtMs !== null) this.#clientEnd = undefined;
    return this.#clientEnd?.isLeftOver(nowMs) ?? false;
  }

  /** Whether its client is known to have got the response. */
  get isTaken(): boolean {
    return this.#clientEnd?.isTaken ?? true;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Whether more than one message's worth has been sent to it and not been read, as far as is known. */
  get isBehind(): boolean {
    return bufferedBytes(this.socket) > MAX_BATCH_LENGTH;
  }

  /** Whether it was taken back before any of its hooks ran. */
  get wasAbandoned(): boolean {
    return this.#phase === "abandoned";
  }

  /** Whether it has left the room, and only its last hooks may still be running. */
  get hasLeft(): boolean {
    return this.#phase !== "connecting" && this.#phase !== "open";
  }

  /**
   * Whether what it sent is not handled any more: the room has closed it, or closes it now, since
   * its time is over. What a client sent before it left by itself is still handled.
   */
  get isOver(): boolean {
    return this.#phase === "dismissed" || (this.isOpen && this.expire());
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
    this.#silence();
    eraseAttachment(this.socket);
    this.#keeper.leave(this, closing);
  }

  /** Takes back a connection that could not be greeted: none of its hooks runs. */
  abandon(): void {
    this.#phase = "abandoned";
    this.#silence();
    eraseAttachment(this.socket);
    this.#keeper.forget(this);
    closeSocket(this.socket, INTERNAL_ERROR, "");
    this.#clientEnd?.close();
  }

  #silence(): void {
    this.#isSilent = true;
    this.pending = null;
  }

  /** One message where both are text; only framed connections have anything pending. */
  #sendAfterPending(message: SendableMessage): void {
    const { pending } = this;
    if (!pending) return this.#put(message);
    this.pending = null;
    if (typeof message === "string") return this.#put(`${pending.text}\n${message}`);
    this.#put(pending.text);
    this.#put(message);
  }

  /** Any text can be sent. Where one cannot, its client must not take the next for what follows. */
  #put(message: SendableMessage): void {
    try {
      sendToSocket(this.socket, message);
    } catch (error) {
      if (typeof message !== "string") throw error;
      this.#end("internal");
      this.#keeper.turn.report(error);
    }
  }

  /** Nothing more is sent, neither what waits nor what its transaction has sent. */
  #end(errorCode: ErrorCode): void {
    this.#silence();
    const { closeCode, code } = mistake(errorCode);
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
