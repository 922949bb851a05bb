import { checkTags, type SendableMessage } from "@partyflare/shared";
import { type Attachment, eraseAttachment, readAttachment, writeAttachment } from "./attachment";
import type { Immutable } from "./immutable";
import { Inbox } from "./inbox";
import { closeSocket, sendToSocket } from "./socket";

/**
 * One client's WebSocket in a room. Its id, tags and state survive hibernation.
 *
 * @typeParam State what `setState` was given; `unknown` where a room does not say.
 */
export interface Connection<State = unknown> {
  /** The name by which the client connected, or a random one. 1 to 128 visible ASCII characters. */
  readonly id: string;

  /** What it is found by: see `getConnections(tags)`. */
  readonly tags: readonly string[];

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
  setTags(tags: readonly string[]): void;

  /** Sends text or bytes. Once the connection is closing or closed, it does nothing. */
  send(message: SendableMessage): void;

  /**
   * Closes the connection: it leaves the room at once, and its `onClose` runs with this code.
   *
   * @param code default 1000. 1005 sends none; one that may not be sent becomes 1011.
   * @param reason default empty; cut to 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void;
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
}

/** The room's side of a connection. Users see the `Connection` of it. */
export class RoomConnection implements Connection {
  readonly id: string;
  readonly socket: WebSocket;
  readonly inbox = new Inbox();
  readonly #keeper: ConnectionKeeper;
  #attachment: Attachment;
  #phase: "connecting" | "open" | "left";

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

  get keyHash(): string | null {
    return this.#attachment.keyHash;
  }

  get readyState(): number {
    switch (this.#phase) {
      case "connecting":
        return WebSocket.CONNECTING;
      case "open":
        return this.socket.readyState;
      case "left":
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

  send(message: SendableMessage): void {
    if (this.#phase === "connecting") throw notOpenYet("send");
    if (this.#phase === "open") sendToSocket(this.socket, message);
  }

  close(code = 1000, reason = ""): void {
    if (this.#phase === "connecting") throw notOpenYet("close");
    if (this.#phase === "left") return;
    this.#phase = "left";
    this.inbox.clear();
    eraseAttachment(this.socket);
    const sent = closeSocket(this.socket, code, reason);
    this.#keeper.leave(this, { ...sent, wasClean: true });
  }

  /** The socket has been accepted. */
  open(): void {
    this.#phase = "open";
  }

  /** Whether it has left the room, and only its last hooks may still be running. */
  get hasLeft(): boolean {
    return this.#phase === "left";
  }

  /** The peer has closed, or vanished: what it sent before is still handled. */
  closedByPeer(closing: Closing): void {
    if (this.#phase === "left") return;
    this.#phase = "left";
    eraseAttachment(this.socket);
    this.#keeper.leave(this, closing);
  }

  #write(next: Attachment, changed: "state" | "tags"): void {
    // Written again, a socket that has left would come back to life at the next wake.
    this.#attachment =
      this.#phase === "left" ? structuredClone(next) : writeAttachment(this.socket, next, changed);
  }
}

function notOpenYet(method: string): Error {
  return new Error(
    `connection.${method}() came before the connection is open. Wait for onConnect; ` +
      "to refuse the connection, throw a PartyError.",
  );
}
