import { logError } from "../log";
import type { Turn } from "../turn";
import { readAttachment } from "./attachment";
import type { Closing } from "./connection";
import { ConnectionIndex } from "./connection-index";
import { DeathWatch } from "./death-watch";
import { type ConnectionKeeper, RoomConnection } from "./room-connection";
import { closeSocket, INTERNAL_ERROR } from "./socket";

/** Where a room's sockets come from: the one difference between the two kinds of room. */
export interface SocketSource {
  /** Takes a socket, so that its events arrive. */
  accept(socket: WebSocket, connection: RoomConnection): void;
  /** When a connection pinged last, in milliseconds since 1970; null for never. */
  pingedAtMs(connection: RoomConnection): number | null;
  /** The sockets that outlived the room's memory. */
  surviving(): readonly WebSocket[];
  /** Whether a socket was accepted here, whatever stands beside it by now. */
  isOurs(socket: WebSocket): boolean;
  /** Whether a surviving socket has pinged, but not since a time. */
  hasSilent(sinceMs: number): boolean;
  /** Whether the room stays in memory for as long as anyone is connected. */
  readonly staysInMemory: boolean;
}

/** What a registry needs of its room. */
export interface RegistryParts {
  readonly turn: Turn;
  /** Milliseconds of silence after which a connection that has pinged is dead. */
  readonly deadAfterMs: number;
  /** Bytes that may wait for a reader. */
  readonly maxBufferedBytes: number;
  /** Sends a frame, now or with others that follow. */
  post(connection: RoomConnection, frame: string): void;
  /** Sends an event to one connection. */
  emit(connection: RoomConnection, name: string, data: unknown): void;
  /** The tags of a listed connection have changed. Called at once: it must not call user code. */
  onChange(connection: RoomConnection): void;
  /** A connection is listed no more. Called at once: it must not call user code. */
  onLeave(connection: RoomConnection, closing: Closing): void;
}

/**
 * The open connections of a room. A hibernating room forgets them and finds them again among the
 * platform's sockets: the one at hand alone, or all at the first question about more.
 */
export class Registry implements ConnectionKeeper {
  readonly #source: SocketSource;
  readonly #parts: RegistryParts;
  readonly #index = new ConnectionIndex();
  readonly #deathWatch: DeathWatch;
  #isComplete = false;
  #hasWoken = false;
  #hasLoggedForeign = false;

  constructor(source: SocketSource, parts: RegistryParts) {
    this.#source = source;
    this.#parts = parts;
    this.#deathWatch = new DeathWatch({
      connections: () => this.#index.all(),
      size: () => this.#index.size,
      pingedAtMs: (connection) => source.pingedAtMs(connection),
      deadAfterMs: parts.deadAfterMs,
      mayWait: source.staysInMemory,
    });
  }

  get turn(): Turn {
    return this.#parts.turn;
  }

  get maxBufferedBytes(): number {
    return this.#parts.maxBufferedBytes;
  }

  /** How many connections are open. */
  get size(): number {
    return this.#complete().size;
  }

  /** All open connections. */
  all(): Iterable<RoomConnection> {
    return this.#complete().all();
  }

  /** The open connection with this id. */
  get(id: string): RoomConnection | undefined {
    return this.#complete().get(id);
  }

  /** The open connections of a client: see `Connection.client`. */
  ofClient(client: string): Iterable<RoomConnection> {
    return this.#complete().ofClient(client);
  }

  /** The open connections that carry every one of the tags; all of them when there are none. */
  withTags(tags: readonly string[]): RoomConnection[] {
    return this.#complete().withTags(tags);
  }

  /** The connection of a socket that an event has come from; undefined once it has left. */
  of(socket: WebSocket): RoomConnection | undefined {
    const connection = this.#index.ofSocket(socket) ?? this.#restore(socket);
    // Before the look: what has just come is a sign of life.
    if (connection) connection.seenAtMs = Date.now();
    if (this.#isComplete || this.#hasWokenLate()) this.#complete();
    return connection?.hasLeft ? undefined : connection;
  }

  /** Accepts the socket of a connection and lists it. One that had its id is no longer listed by it. */
  accept(connection: RoomConnection): void {
    this.#complete();
    this.#source.accept(connection.socket, connection);
    connection.open();
    this.#index.add(connection);
    this.#deathWatch.start();
  }

  post(connection: RoomConnection, frame: string): void {
    this.#parts.post(connection, frame);
  }

  emit(connection: RoomConnection, name: string, data: unknown): void {
    this.#parts.emit(connection, name, data);
  }

  retag(connection: RoomConnection, previous: readonly string[]): void {
    this.#index.retag(connection, previous);
    this.#parts.onChange(connection);
  }

  leave(connection: RoomConnection, closing: Closing): void {
    this.forget(connection);
    this.#parts.onLeave(connection, closing);
  }

  forget(connection: RoomConnection): void {
    this.#index.remove(connection);
    if (this.#index.size === 0) this.#deathWatch.stop();
  }

  /** Whether, at the first event of a life, others are dead: they leave before anything is sent. */
  #hasWokenLate(): boolean {
    if (this.#hasWoken) return false;
    this.#hasWoken = true;
    return this.#source.hasSilent(Date.now() - this.#parts.deadAfterMs);
  }

  #complete(): ConnectionIndex {
    if (!this.#isComplete) this.#restoreAll();
    this.#deathWatch.look();
    return this.#index;
  }

  #restoreAll(): void {
    this.#isComplete = true;
    for (const socket of this.#source.surviving()) {
      // A socket that closes is still listed by the platform.
      const isOpen = socket.readyState === WebSocket.OPEN;
      if (isOpen && !this.#index.ofSocket(socket)) this.#restore(socket);
    }
  }

  #restore(socket: WebSocket): RoomConnection | undefined {
    const read = readAttachment(socket);
    if (read.kind === "foreign") this.#closeForeign(socket, read.value);
    if (read.kind !== "connection") return undefined;
    const connection = RoomConnection.restored(socket, this, read.attachment);
    this.#index.add(connection);
    return connection;
  }

  /**
   * Nobody answers for a socket whose attachment was overwritten, or that another library has left.
   * Its client reconnects. A socket that the app has accepted by itself stays the app's.
   */
  #closeForeign(socket: WebSocket, attachment: unknown): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!this.#source.isOurs(socket) && !isOfPartyserver(attachment)) return;
    closeSocket(socket, INTERNAL_ERROR, "");
    if (this.#hasLoggedForeign) return;
    this.#hasLoggedForeign = true;
    logError(
      "closed sockets that no connection belongs to (1011)",
      "something else wrote their attachment: keep data in connection.setState()",
    );
  }
}

/** partyserver writes its own fields below `__pk`, and the app's below `__user`. */
function isOfPartyserver(attachment: unknown): boolean {
  return typeof attachment === "object" && attachment !== null && "__pk" in attachment;
}
