import type { RoomConnection } from "./room-connection";

/** The open connections of a room by socket, id, tag and client. */
export class ConnectionIndex {
  readonly #bySocket = new Map<WebSocket, RoomConnection>();
  readonly #byId = new Map<string, RoomConnection>();
  readonly #byTag = new Map<string, Set<RoomConnection>>();
  /** Created at the first lookup by client: most rooms never need it. */
  #byClient: Map<string, Set<RoomConnection>> | undefined;

  get size(): number {
    return this.#bySocket.size;
  }

  all(): Iterable<RoomConnection> {
    return this.#bySocket.values();
  }

  get(id: string): RoomConnection | undefined {
    return this.#byId.get(id);
  }

  ofSocket(socket: WebSocket): RoomConnection | undefined {
    return this.#bySocket.get(socket);
  }

  ofClient(client: string): Iterable<RoomConnection> {
    if (!this.#byClient) {
      this.#byClient = new Map();
      for (const connection of this.all()) addTo(this.#byClient, connection.client, connection);
    }
    return this.#byClient.get(client) ?? NOBODY;
  }

  /** Returns the connections that carry all of the tags; all connections if there are none. */
  withTags(tags: readonly string[]): RoomConnection[] {
    const [first, ...others] = tags
      .map((tag) => this.#byTag.get(tag) ?? NOBODY)
      .toSorted((a, b) => a.size - b.size);
    if (!first) return [...this.all()];
    return [...first].filter((connection) => others.every((tagged) => tagged.has(connection)));
  }

  /** Adds a connection. An older one with the same id is no longer found by it. */
  add(connection: RoomConnection): void {
    this.#bySocket.set(connection.socket, connection);
    this.#byId.set(connection.id, connection);
    for (const tag of connection.tags) addTo(this.#byTag, tag, connection);
    if (this.#byClient) addTo(this.#byClient, connection.client, connection);
  }

  remove(connection: RoomConnection): void {
    this.#bySocket.delete(connection.socket);
    // A newer connection may have the id now.
    if (this.#byId.get(connection.id) === connection) this.#byId.delete(connection.id);
    for (const tag of connection.tags) removeFrom(this.#byTag, tag, connection);
    if (this.#byClient) removeFrom(this.#byClient, connection.client, connection);
  }

  retag(connection: RoomConnection, previous: readonly string[]): void {
    if (this.ofSocket(connection.socket) !== connection) return;
    for (const tag of previous) removeFrom(this.#byTag, tag, connection);
    for (const tag of connection.tags) addTo(this.#byTag, tag, connection);
  }
}

const NOBODY: ReadonlySet<RoomConnection> = new Set();

function addTo(index: Map<string, Set<RoomConnection>>, key: string, connection: RoomConnection) {
  const found = index.get(key);
  if (found) found.add(connection);
  else index.set(key, new Set([connection]));
}

function removeFrom(
  index: Map<string, Set<RoomConnection>>,
  key: string,
  connection: RoomConnection,
) {
  const found = index.get(key);
  found?.delete(connection);
  if (found?.size === 0) index.delete(key);
}
