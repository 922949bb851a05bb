import { DEAD_AFTER_MS, LOOK_FOR_DEAD_EVERY_MS } from "@partyflare/shared";
import type { Closing } from "./connection";
import { type ConnectionKeeper, RoomConnection } from "./room-connection";

/** Where a room's sockets come from: the one difference between the two kinds of room. */
export interface SocketSource {
  /** Takes a socket, so that its events arrive. */
  accept(socket: WebSocket, connection: RoomConnection): void;
  /** When a connection last gave a sign of life, in milliseconds since 1970; null for never. */
  pingedAtMs(connection: RoomConnection): number | null;
  /** The sockets that outlived the room's memory. */
  surviving(): readonly WebSocket[];
}

/** Told of every connection that has left. */
type LeaveListener = (connection: RoomConnection, closing: Closing) => void;

/** What a registry needs of its room. */
interface RegistryParts extends Pick<
  ConnectionKeeper,
  "emit" | "hold" | "maxBufferedBytes" | "post"
> {
  readonly onLeave: LeaveListener;
}

/**
 * The open connections of a room, by id and by tag. A hibernating room forgets them and finds them
 * again among the platform's sockets: the one at hand alone, or all at the first question about more.
 */
export class Registry implements ConnectionKeeper {
  readonly #source: SocketSource;
  readonly #onLeave: LeaveListener;
  readonly post: ConnectionKeeper["post"];
  readonly emit: ConnectionKeeper["emit"];
  readonly hold: ConnectionKeeper["hold"];
  readonly maxBufferedBytes: number;
  readonly #bySocket = new Map<WebSocket, RoomConnection>();
  readonly #byId = new Map<string, RoomConnection>();
  readonly #byTag = new Map<string, Set<RoomConnection>>();
  #isComplete = false;
  #lookedForDeadAtMs = 0;

  constructor(source: SocketSource, parts: RegistryParts) {
    const { onLeave, post, emit, hold, maxBufferedBytes } = parts;
    this.#source = source;
    this.#onLeave = onLeave;
    this.post = post;
    this.emit = emit;
    this.hold = hold;
    this.maxBufferedBytes = maxBufferedBytes;
  }

  /** How many connections are open. */
  get size(): number {
    this.#complete();
    return this.#byId.size;
  }

  /** All open connections. */
  all(): Iterable<RoomConnection> {
    this.#complete();
    return this.#byId.values();
  }

  /** The open connection with this id. */
  get(id: string): RoomConnection | undefined {
    this.#complete();
    return this.#byId.get(id);
  }

  /** The open connections that carry every one of the tags; all of them when there are none. */
  withTags(tags: readonly string[]): RoomConnection[] {
    this.#complete();
    const [first, ...others] = tags
      .map((tag) => this.#byTag.get(tag) ?? NOBODY)
      .toSorted((a, b) => a.size - b.size);
    if (!first) return [...this.#byId.values()];
    return [...first].filter((connection) => others.every((tagged) => tagged.has(connection)));
  }

  /** The connection of a socket that an event has come from; undefined once it has left. */
  of(socket: WebSocket): RoomConnection | undefined {
    return this.#bySocket.get(socket) ?? this.#restore(socket);
  }

  /** Accepts the socket of a connection and lists it. One that had its id is no longer listed by it. */
  accept(connection: RoomConnection): void {
    this.#complete();
    this.#source.accept(connection.socket, connection);
    connection.open();
    this.#add(connection);
  }

  retag(connection: RoomConnection, previous: readonly string[]): void {
    if (this.#bySocket.get(connection.socket) !== connection) return;
    this.#untag(connection, previous);
    this.#tag(connection);
  }

  leave(connection: RoomConnection, closing: Closing): void {
    this.#bySocket.delete(connection.socket);
    // A newer connection may have the id by now.
    if (this.#byId.get(connection.id) === connection) this.#byId.delete(connection.id);
    this.#untag(connection, connection.tags);
    this.#onLeave(connection, closing);
  }

  #complete(): void {
    if (!this.#isComplete) this.#restoreAll();
    const nowMs = Date.now();
    if (nowMs - this.#lookedForDeadAtMs < LOOK_FOR_DEAD_EVERY_MS) return;
    this.#lookedForDeadAtMs = nowMs;
    this.#removeDead(nowMs);
  }

  /** Lazily, and with no timer: one would keep the room awake. Who never pinged is never dead. */
  #removeDead(nowMs: number): void {
    for (const connection of this.#byId.values()) {
      if (connection.wasNeverTaken(nowMs)) connection.vanish();
      const pingedAtMs = this.#source.pingedAtMs(connection);
      if (pingedAtMs === null) continue;
      const seenAtMs = Math.max(pingedAtMs, connection.seenAtMs ?? 0);
      if (nowMs - seenAtMs > DEAD_AFTER_MS) connection.vanish();
    }
  }

  #restoreAll(): void {
    this.#isComplete = true;
    for (const socket of this.#source.surviving()) {
      // A socket that closes is still listed by the platform.
      if (socket.readyState === WebSocket.OPEN && !this.#bySocket.has(socket))
        this.#restore(socket);
    }
  }

  #restore(socket: WebSocket): RoomConnection | undefined {
    const connection = RoomConnection.restored(socket, this) ?? undefined;
    if (connection) this.#add(connection);
    return connection;
  }

  #add(connection: RoomConnection): void {
    this.#bySocket.set(connection.socket, connection);
    this.#byId.set(connection.id, connection);
    this.#tag(connection);
  }

  #tag(connection: RoomConnection): void {
    for (const tag of connection.tags) {
      const tagged = this.#byTag.get(tag);
      if (tagged) tagged.add(connection);
      else this.#byTag.set(tag, new Set([connection]));
    }
  }

  #untag(connection: RoomConnection, tags: readonly string[]): void {
    for (const tag of tags) {
      const tagged = this.#byTag.get(tag);
      tagged?.delete(connection);
      if (tagged?.size === 0) this.#byTag.delete(tag);
    }
  }
}

const NOBODY: ReadonlySet<RoomConnection> = new Set();
