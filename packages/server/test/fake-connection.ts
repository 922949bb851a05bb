import type { RoomConnection } from "../src/capabilities/capability";
import { ConnectionData } from "../src/connections/connection-data";

/** The data of a fake connection. What is left out has a default. */
export interface FakeClient {
  /** Default: the id. Two connections of one client share it. */
  readonly client?: string;
  readonly state?: unknown;
  readonly tags?: readonly string[];
  /** Default: true. */
  readonly isFramed?: boolean;
  /** Undefined for a client that does not subscribe. Default: empty text. */
  readonly asked?: string | undefined;
}

/** A connection without a client at its other end. Its data is in a real attachment. */
export class FakeConnection {
  readonly id: string;
  readonly client: string;
  readonly isFramed: boolean;
  readonly keyHash: string | null = null;
  readonly data: ConnectionData;
  readonly socket: WebSocket;
  isOpen = true;
  /** Whether its client reads slowly: the test sets it. */
  isBehind = false;
  /** When a connection that has timed out was heard last: the test sets it. */
  silentSinceMs: number | undefined;
  /** Its part of `$hello`, or the answer to a later subscription; undefined without one. */
  hello: unknown;
  /** The payloads that the capability has sent, oldest first. */
  readonly sent: unknown[] = [];
  /** The texts of other frames, such as events. */
  readonly transmitted: string[] = [];
  /** The close code; undefined while nobody has closed it. */
  closeCode: number | undefined;
  readonly #onChange: (connection: FakeConnection) => void;
  #taken = 0;

  constructor(
    id: string,
    { client = id, state = null, tags = [], isFramed = true }: FakeClient,
    onChange: (connection: FakeConnection) => void,
  ) {
    this.id = id;
    this.client = client;
    this.isFramed = isFramed;
    this.#onChange = onChange;
    this.socket = new WebSocketPair()[1];
    this.data = new ConnectionData(this.socket, {
      id,
      tags,
      state,
      keyHash: null,
      isFramed,
      expiresAtMs: null,
      subscriptions: [],
      kept: {},
    });
  }

  /** The same connection, as a capability sees it. */
  get real(): RoomConnection {
    return this as unknown as RoomConnection;
  }

  get state(): unknown {
    return this.data.current.state;
  }

  get tags(): readonly string[] {
    return this.data.current.tags;
  }

  get hasLeft(): boolean {
    return !this.isOpen;
  }

  setState(state: unknown): void {
    this.data.write({ state }, "state");
    this.#onChange(this);
  }

  setTags(tags: readonly string[]): void {
    this.data.write({ tags }, "tags");
    this.#onChange(this);
  }

  transmit(text: string): void {
    if (this.isOpen && this.isFramed) this.transmitted.push(text);
  }

  close(code = 1000): void {
    this.closeCode ??= code;
    this.isOpen = false;
  }

  /** Takes a payload of the capability. */
  deliver(payload: unknown): void {
    if (this.isOpen) this.sent.push(payload);
  }

  /** Returns the payloads that were sent since the last call. */
  take(): unknown[] {
    const taken = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return taken;
  }
}

/** Returns the fake behind what a capability has been given. */
export function fakeOf(connection: RoomConnection): FakeConnection {
  return connection as unknown as FakeConnection;
}

/** Returns a value as a client gets it. */
export function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
