import type { RoomConnection } from "../../connections/room-connection";
import type { Connection, WSMessage } from "./connection-types";

/** The name of the URL among the data that a connection keeps. */
const URI = "uri";

/** The parts of a server that its connections need. */
export interface ConnectionOwner {
  /** Whether connections outlive the memory of the room. */
  readonly hibernates: boolean;
  readonly name: { readonly required: string };
}

const connections = new WeakMap<RoomConnection, ServerConnection>();

/** Returns the same `Connection` for the same connection of the room. */
export function serverConnection(connection: RoomConnection, owner: ConnectionOwner): Connection {
  let found = connections.get(connection);
  if (!found) {
    found = new ServerConnection(connection, owner);
    connections.set(connection, found);
  }
  // The class forwards every member of a WebSocket; its prototype has the others.
  return found as unknown as Connection;
}

/** Stores the URL of a new connection. It throws if the attachment becomes too large. */
export function setUri(connection: RoomConnection, uri: string, owner: ConnectionOwner): void {
  if (owner.hibernates) connection.data.keep(URI, uri);
  else (serverConnection(connection, owner) as unknown as ServerConnection).memory.uri = uri;
}

/** Returns the data of a connection with a URL, as an attachment keeps it. */
export function keptUri(uri: string | undefined): Record<string, unknown> {
  return uri === undefined ? {} : { [URI]: uri };
}

/**
 * A connection with the members of a WebSocket. It is no WebSocket of the platform: that is its
 * `socket`.
 */
class ServerConnection {
  readonly id: string;
  readonly socket: WebSocket;
  /** What a room in memory keeps of the connection: there a state may be any value. */
  readonly memory: { state: unknown; uri: string | null };
  readonly #connection: RoomConnection;
  readonly #owner: ConnectionOwner;

  constructor(connection: RoomConnection, owner: ConnectionOwner) {
    this.id = connection.id;
    this.socket = connection.socket;
    this.#connection = connection;
    this.#owner = owner;
    this.memory = { state: connection.state, uri: this.#keptUri };
    if (owner.hibernates) this.#ownAttachment();
  }

  get uri(): string | null {
    return this.#owner.hibernates ? this.#keptUri : this.memory.uri;
  }

  get tags(): readonly string[] {
    return this.#connection.tags;
  }

  get server(): string {
    return this.#owner.name.required;
  }

  get state(): unknown {
    return this.#owner.hibernates ? this.#connection.state : this.memory.state;
  }

  set state(next: unknown) {
    this.serializeAttachment(next);
  }

  setState(next: unknown): unknown {
    const state: unknown = typeof next === "function" ? next(this.state) : next;
    this.serializeAttachment(state);
    return state;
  }

  serializeAttachment(state: unknown): void {
    if (this.#owner.hibernates) this.#connection.setState(state);
    else this.memory.state = state ?? null;
  }

  deserializeAttachment(): unknown {
    return this.#owner.hibernates ? this.#connection.state : this.memory.state;
  }

  send(message: WSMessage): void {
    this.#connection.send(message as string);
  }

  close(code?: number, reason?: string): void {
    this.#connection.close(code ?? NO_CODE, reason);
  }

  get readyState(): number {
    return this.#connection.readyState;
  }

  /**
   * Gives the platform's socket the same methods, as partyserver does. An app that calls them there
   * would otherwise overwrite the attachment, and the next wake-up would not find the connection.
   */
  #ownAttachment(): void {
    Object.defineProperties(this.socket, {
      serializeAttachment: {
        configurable: true,
        value: (state: unknown) => this.serializeAttachment(state),
      },
      deserializeAttachment: { configurable: true, value: () => this.deserializeAttachment() },
    });
  }

  get #keptUri(): string | null {
    return (this.#connection.data.of(URI) as string | undefined) ?? null;
  }
}

/** RFC 6455 §7.4.1: a Close frame without a code. A WebSocket's `close()` sends it. */
const NO_CODE = 1005;

const forwarded = ServerConnection.prototype;
// `instanceof WebSocket` holds for a connection of partyserver.
Object.setPrototypeOf(forwarded, WebSocket.prototype);

for (const method of ["addEventListener", "removeEventListener", "dispatchEvent"] as const) {
  Object.defineProperty(forwarded, method, {
    value(this: ServerConnection, ...values: never[]) {
      return Reflect.apply(this.socket[method], this.socket, values) as unknown;
    },
  });
}

for (const property of [
  "url",
  "protocol",
  "extensions",
  "binaryType",
  "bufferedAmount",
  "onopen",
  "onmessage",
  "onclose",
  "onerror",
]) {
  Object.defineProperty(forwarded, property, {
    get(this: ServerConnection): unknown {
      return Reflect.get(this.socket, property);
    },
    set(this: ServerConnection, value: unknown) {
      Reflect.set(this.socket, property, value);
    },
  });
}
