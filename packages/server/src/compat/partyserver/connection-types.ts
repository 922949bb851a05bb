/** A message: text or bytes. */
export type WSMessage = ArrayBuffer | ArrayBufferView | string;

/** A read-only view of a value. */
type ReadOnly<Value> = Value extends undefined | null | boolean | string | number
  ? Value
  : Value extends (infer Item)[]
    ? readonly ReadOnly<Item>[]
    : Value extends Map<infer Key, infer Item>
      ? ReadonlyMap<ReadOnly<Key>, ReadOnly<Item>>
      : Value extends Set<infer Item>
        ? ReadonlySet<ReadOnly<Item>>
        : ReadOnlyObject<Value>;

type ReadOnlyObject<Value> = { readonly [Key in keyof Value]: ReadOnly<Value[Key]> };

/** The state of a connection; null if there is none. */
export type ConnectionState<State> = ReadOnlyObject<State> | null;

/** Returns the next state of a connection. */
export type ConnectionSetStateFn<State> = (previous: ConnectionState<State>) => State;

/** The second argument of `getConnectionTags` and `onConnect`. */
export interface ConnectionContext {
  /** The request that asked for the connection. */
  request: Request;
}

/** One client's WebSocket in a room. It forwards to the platform's socket, which is `socket`. */
export type Connection<State = unknown> = WebSocket & {
  /** The id from the query parameter `_pk`, or a random one. */
  id: string;
  /** The URL of the request that asked for the connection. */
  uri: string | null;
  /** The last value of `setState`; null before the first. */
  state: ConnectionState<State>;
  /** Replaces the state and returns it. In a hibernating room it must be cloneable. */
  setState(next: State | ConnectionSetStateFn<State> | null): ConnectionState<State>;
  /** The connection's id, and the tags from `getConnectionTags`. */
  tags: readonly string[];
  /** @deprecated Use `this.name` of the room. */
  server: string;
  /** The platform's WebSocket. */
  socket: WebSocket;
  /** @deprecated Use `setState`. */
  serializeAttachment(attachment: unknown): void;
  /** @deprecated Use `state`. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as a WebSocket declares it
  deserializeAttachment<Value = unknown>(): Value | null;
};
