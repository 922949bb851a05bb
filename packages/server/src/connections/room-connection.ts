import { type ErrorCode, isRetriedCloseCode, type SendableMessage } from "@partyflare/shared";
import {
  checkTags,
  encodeServerFrame,
  encodeText,
  MAX_BATCH_LENGTH,
  mistake,
} from "@partyflare/shared/internal";
import type { Turn } from "../turn";
import { type Attachment, writeAttachment } from "./attachment";
import { ClientEnd } from "./client-end";
import type { CloseOptions, Closing, Connection } from "./connection";
import { ConnectionData } from "./connection-data";
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

/** The list of connections. Connections report their changes to it. */
export interface ConnectionKeeper {
  retag(connection: RoomConnection, previous: readonly string[]): void;
  /** The state or the tags of a listed connection have changed. */
  change(connection: RoomConnection): void;
  /** Removes a connection from the list at once. Its hooks run after the turn. */
  leave(connection: RoomConnection, closing: Closing): void;
  /** Removes a connection without any hooks, as if it had never been listed. */
  forget(connection: RoomConnection): void;
  /** Sends a frame, at once or with a batch. */
  post(connection: RoomConnection, frame: string): void;
  /** Sends an event to one connection. */
  emit(connection: RoomConnection, name: string, data: unknown): void;
  readonly turn: Turn;
  /** The most unread bytes of a connection. */
  readonly maxBufferedBytes: number;
}

/** The room's side of a connection. Users see it as a `Connection`. */
export class RoomConnection implements Connection {
  readonly id: string;
  readonly socket: WebSocket;
  /** The data that survives hibernation. */
  readonly data: ConnectionData;
  readonly queue = new SerialQueue();
  /** Invalid frames in a row. */
  badFrames = 0;
  /** Queued frames, sent as one message before anything else. */
  pending: Pending | null = null;
  /** The number of the room's window in which it last got a frame; 0 for none. */
  window = 0;
  /** The time of its last ping that this code answered, not the platform. */
  pingedAtMs: number | null = null;
  /** When its peer was heard last, if it has left because of that silence. */
  silentSinceMs: number | undefined;
  /** The time of its last message since the room woke. */
  seenAtMs: number | null = null;
  /** Only of a connection that was opened since the room woke. */
  clientEnd: ClientEnd | undefined;
  readonly #keeper: ConnectionKeeper;
  #phase: "connecting" | "open" | "dismissed" | "gone" | "abandoned";
  /** Whether sending has stopped. In a transaction, messages from before a close are still sent. */
  #isSilent = false;

  private constructor(
    socket: WebSocket,
    keeper: ConnectionKeeper,
    attachment: Attachment,
    phase: "connecting" | "open",
  ) {
    this.id = attachment.id;
    this.socket = socket;
    this.#keeper = keeper;
    this.data = new ConnectionData(socket, attachment);
    this.#phase = phase;
  }

  /** Creates a connection that is not open yet: it has state and tags, and cannot send or close. */
  static connecting(
    { 0: clientEnd, 1: socket }: { 0: WebSocket; 1: WebSocket },
    keeper: ConnectionKeeper,
    attachment: Attachment,
  ): RoomConnection {
    const written = writeAttachment(socket, attachment, "state");
    const connection = new RoomConnection(socket, keeper, written, "connecting");
    connection.clientEnd = new ClientEnd(clientEnd);
    return connection;
  }

  /** Restores the connection of a socket that was accepted before the room hibernated. */
  static restored(
    socket: WebSocket,
    keeper: ConnectionKeeper,
    attachment: Attachment,
  ): RoomConnection {
    return new RoomConnection(socket, keeper, attachment, "open");
  }

  get client(): string {
    return this.data.client;
  }

  get tags(): readonly string[] {
    return this.data.current.tags;
  }

  get state(): unknown {
    return this.data.current.state;
  }

  get isFramed(): boolean {
    return this.data.current.isFramed;
  }

  get keyHash(): string | null {
    return this.data.current.keyHash;
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
    this.data.write({ state: state ?? null }, "state");
    if (this.#phase === "open") this.#keeper.change(this);
  }

  setTags(tags: readonly string[]): void {
    const previous = this.tags;
    const next = checkTags(tags);
    // Most connections never have tags, and this saves a write.
    if (next.length === 0 && previous.length === 0) return;
    this.data.write({ tags: next }, "tags");
    if (this.#phase !== "open") return;
    this.#keeper.retag(this, previous);
    this.#keeper.change(this);
  }

  expireAt(atMs: number): void {
    if (typeof atMs !== "number" || Number.isNaN(atMs))
      throw new RangeError("expireAt takes milliseconds since 1970.");
    this.data.write({ expiresAtMs: atMs === Infinity ? null : atMs }, "state");
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
    this.data.erase();
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

  /** Sends an encoded message: a frame, or a raw message. */
  transmit(message: SendableMessage): void {
    if (this.#phase === "connecting") throw notOpenYet("send");
    if (this.#phase !== "open" || this.expire()) return;
    if (this.#keeper.turn.isInTransaction) this.#sendLater(copyOf(message));
    else this.sendNow(message);
  }

  #sendLater(message: SendableMessage): void {
    this.#keeper.turn.afterCommit(() => this.sendNow(message));
  }

  /** Sends an encoded message of an open connection, after its queued frames. */
  sendNow(message: SendableMessage): void {
    if (this.#isSilent) return;
    // Before the send: one large message does not make a slow reader.
    if (bufferedBytes(this.socket) > this.#keeper.maxBufferedBytes) return this.#end("too_slow");
    this.#sendAfterPending(message);
  }

  /** Appends a frame to the queue. `flush` sends it. */
  append(pending: Pending): void {
    if (!this.#isSilent) this.pending = pending;
  }

  /** Sends the queued frames. */
  flush(): void {
    const { pending } = this;
    this.pending = null;
    if (pending && !this.expire()) this.sendNow(pending.text);
  }

  /** Closes the connection if it has expired. */
  expire(): boolean {
    if (!this.isExpired) return false;
    this.#end("unauthorized");
    return true;
  }

  /** Whether the connection has expired. */
  get isExpired(): boolean {
    return this.data.isExpired;
  }

  /** Marks the socket as accepted. */
  open(): void {
    this.#phase = "open";
    this.clientEnd?.offer(Date.now());
  }

  /** Whether its client disconnected before the response reached it. */
  wasNeverTaken(nowMs: number): boolean {
    if (this.seenAtMs !== null) this.clientEnd = undefined;
    return this.clientEnd?.isLeftOver(nowMs) ?? false;
  }

  /** Whether its client is known to have the response. */
  get isTaken(): boolean {
    return this.clientEnd?.isTaken ?? true;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Whether the reader is slow: more than one message is unread, as far as the runtime reports. */
  get isBehind(): boolean {
    return bufferedBytes(this.socket) > MAX_BATCH_LENGTH;
  }

  /** Whether it was abandoned before any of its hooks ran. */
  get wasAbandoned(): boolean {
    return this.#phase === "abandoned";
  }

  /** Whether it has left the room. Its last hooks may still be running. */
  get hasLeft(): boolean {
    return this.#phase !== "connecting" && this.#phase !== "open";
  }

  /**
   * Whether its messages are ignored: the room has closed it, or closes it now because it has
   * expired. If the client closed, its earlier messages are still handled.
   */
  get isOver(): boolean {
    return this.#phase === "dismissed" || (this.isOpen && this.expire());
  }

  /**
   * Ends a connection whose peer has timed out.
   *
   * @param silentSinceMs when the peer was heard last.
   */
  vanish(silentSinceMs: number): void {
    this.silentSinceMs = silentSinceMs;
    this.closedByPeer({ code: NO_CLOSE_FRAME, reason: "", wasClean: false });
    closeSocket(this.socket, GOING_AWAY, "");
  }

  /** Handles a close or a loss by the peer. Earlier messages are still handled. */
  closedByPeer(closing: Closing): void {
    if (this.hasLeft) return;
    this.#phase = "gone";
    this.#silence();
    this.data.erase();
    this.#keeper.leave(this, closing);
  }

  /** Removes a connection whose `$hello` could not be sent. None of its hooks runs. */
  abandon(): void {
    this.#phase = "abandoned";
    this.#silence();
    this.data.erase();
    this.#keeper.forget(this);
    closeSocket(this.socket, INTERNAL_ERROR, "");
    this.clientEnd?.close();
  }

  #silence(): void {
    this.#isSilent = true;
    this.pending = null;
  }

  /** Joins the message to queued frames if it is text. Only framed connections have a queue. */
  #sendAfterPending(message: SendableMessage): void {
    const { pending } = this;
    if (!pending) return this.#put(message);
    this.pending = null;
    if (typeof message === "string") return this.#put(`${pending.text}\n${message}`);
    this.#put(pending.text);
    this.#put(message);
  }

  /** Closes if a text cannot be sent: the client would miss a message without notice. */
  #put(message: SendableMessage): void {
    try {
      sendToSocket(this.socket, message);
    } catch (error) {
      if (typeof message !== "string") throw error;
      this.#end("internal");
      this.#keeper.turn.report(error);
    }
  }

  /** Closes and sends nothing more, neither queued frames nor messages of its transaction. */
  #end(errorCode: ErrorCode): void {
    this.#silence();
    const { closeCode, code } = mistake(errorCode);
    this.close(closeCode, code);
  }
}

function notOpenYet(method: string): Error {
  return new Error(
    `connection.${method}() was called before the connection is open. Wait for onConnect; ` +
      "to refuse the connection, throw a PartyError.",
  );
}
