import { logError } from "../log";
import type { Dialect } from "../dialect";
import type { Turn } from "../turn";
import { type Attachment, readAttachment } from "./attachment";
import type { Closing } from "./connection";
import { ConnectionIndex } from "./connection-index";
import { DeathWatch } from "./death-watch";
import { type ConnectionKeeper, RoomConnection } from "./room-connection";
import { closeSocket, INTERNAL_ERROR } from "./socket";

/** The source of a room's sockets. Only this differs between the two kinds of room. */
export interface SocketSource {
  /** Accepts a socket, so that its events arrive. */
  accept(socket: WebSocket, connection: RoomConnection): void;
  /** The time of a connection's last ping, in milliseconds since 1970; null for never. */
  pingedAtMs(connection: RoomConnection): number | null;
  /** The sockets that outlived the room's memory. */
  surviving(): readonly WebSocket[];
  /** Whether a socket was accepted here, whatever its attachment is now. */
  isOurs(socket: WebSocket): boolean;
  /** The platform's tags of a surviving socket. */
  tagsOf(socket: WebSocket): readonly string[];
  /** Whether a surviving socket has pinged, but not since a time. */
  hasSilent(sinceMs: number): boolean;
  /** Whether the room stays in memory while any client is connected. */
  readonly staysInMemory: boolean;
}

/** The parts of a room that its registry needs. */
export interface RegistryParts {
  readonly turn: Turn;
  readonly dialect: Dialect | undefined;
  /** The heartbeat timeout of connections that have pinged, in milliseconds. */
  readonly deadAfterMs: number;
  /** The most unread bytes of a connection. */
  readonly maxBufferedBytes: number;
  /** Sends a frame, at once or with a batch. */
  post(connection: RoomConnection, frame: string): void;
  /** Sends an event to one connection. */
  emit(connection: RoomConnection, name: string, data: unknown): void;
  /** The state or tags of a connection have changed. Called at once: it must not call user code. */
  onChange(connection: RoomConnection): void;
  /** Runs at once when a connection has left the list. It must not call user code. */
  onLeave(connection: RoomConnection, closing: Closing): void;
}

/**
 * The open connections of a room. A hibernating room loses them, and restores them from the
 * platform's sockets. It restores one for an event, and all when it needs more.
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

  /** The number of open connections. */
  get size(): number {
    return this.#complete().size;
  }

  /** Returns all open connections. */
  all(): Iterable<RoomConnection> {
    return this.#complete().all();
  }

  /** Returns the open connection with this id. */
  get(id: string): RoomConnection | undefined {
    return this.#complete().get(id);
  }

  /** Returns the open connections of a client: see `Connection.client`. */
  ofClient(client: string): Iterable<RoomConnection> {
    return this.#complete().ofClient(client);
  }

  /** Returns the open connections that carry all of the tags; all connections if there are none. */
  withTags(tags: readonly string[]): RoomConnection[] {
    return this.#complete().withTags(tags);
  }

  /** Returns the connection of a socket's event; undefined if it has left. */
  of(socket: WebSocket): RoomConnection | undefined {
    const connection = this.#index.ofSocket(socket) ?? this.#restore(socket);
    // Before the check: this event resets the heartbeat timeout.
    if (connection) connection.seenAtMs = Date.now();
    if (this.#isComplete || this.#hasWokenLate()) this.#complete();
    return connection?.hasLeft ? undefined : connection;
  }

  /**
   * Accepts the socket of a connection and lists it. An older one with its id is no longer listed
   * by it.
   */
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
  }

  change(connection: RoomConnection): void {
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

  /**
   * Whether connections have timed out by the first event after a wake-up. They leave before
   * anything is sent.
   */
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
      // The platform still lists a socket that is closing.
      const isOpen = socket.readyState === WebSocket.OPEN;
      if (isOpen && !this.#index.ofSocket(socket)) this.#restore(socket);
    }
  }

  #restore(socket: WebSocket): RoomConnection | undefined {
    const attachment = this.#read(socket);
    if (!attachment) return undefined;
    const connection = RoomConnection.restored(socket, this, attachment);
    this.#index.add(connection);
    return connection;
  }

  #read(socket: WebSocket): Attachment | undefined {
    const read = readAttachment(socket);
    if (read.kind === "connection") return read.attachment;
    if (read.kind === "none") return undefined;
    const adopted = this.#parts.dialect?.adopt(socket, read.value, this.#source.tagsOf(socket));
    if (!adopted) this.#closeForeign(socket, read.value);
    return adopted;
  }

  /**
   * Closes a socket with a foreign attachment, overwritten or from another library, and its client
   * reconnects. A socket that the app has accepted by itself stays open.
   */
  #closeForeign(socket: WebSocket, attachment: unknown): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!this.#source.isOurs(socket) && !isOfPartyserver(attachment)) return;
    closeSocket(socket, INTERNAL_ERROR, "");
    if (this.#hasLoggedForeign) return;
    this.#hasLoggedForeign = true;
    logError(
      "closed sockets with a foreign attachment (1011)",
      "other code wrote it: keep data in connection.setState()",
    );
  }
}

/** partyserver stores its own fields in `__pk`, and the app's in `__user`. */
function isOfPartyserver(attachment: unknown): boolean {
  return typeof attachment === "object" && attachment !== null && "__pk" in attachment;
}
