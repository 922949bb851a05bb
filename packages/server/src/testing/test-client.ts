import type {
  CallArguments,
  CallOptions,
  ConnectOptions,
  Delivery,
  EmitOptions,
  Presence,
  Room,
  RoomHistory,
  RoomStatus,
  SharedState,
  TypedPromise,
} from "@partyflare/client";
import {
  type CallErrorOf,
  type CallInput,
  type CallName,
  type CallOutput,
  type ClientEvent,
  type ClientEventName,
  type Contract,
  type DataArguments,
  PartyError,
  type ServerEvent,
  type ServerEventName,
} from "@partyflare/shared";
import { BaseClient, type RoomLink, type SeenClose } from "./base-client";
import { EventTap } from "./event-tap";
import type { Received } from "./journal";
import { tick, type WaitOptions } from "./patience";
import { shown } from "./shown";
import type { ClientFunctions } from "./tools";

/** Options of `room.join`: those of `connect`, without the room. */
export interface JoinOptions extends Omit<
  ConnectOptions,
  "host" | "party" | "path" | "prefix" | "protocol" | "resume" | "room" | "WebSocket"
> {
  /** More headers of the upgrade, as your Worker may add them. Default: none. */
  headers?: HeadersInit | undefined;
  /**
   * What the client subscribes to as it joins, as a page does that calls `presence(room)` right after
   * `connect`. It is there when `join` returns. Default: nothing, until the test reads it.
   */
  subscribe?: readonly ("presence" | "shared")[] | undefined;
}

/** The waits before a client reconnects in a test, in ms: no other clients crowd the room. */
const BACKOFF = { initialMs: 10, maxMs: 100 };

/** The host in the URL of an upgrade. Nothing is sent there. */
const HOST = "example.com";

type EntryOf<Kind extends Received["kind"]> = Extract<Received, { kind: Kind }>;

/**
 * A client in a test: the real one, with a network that the test can cut.
 *
 * @typeParam C the contract's type.
 */
export class TestClient<C extends Contract> extends BaseClient {
  /** The real client, as `connect` returns it. Pass it to `history` and other functions. */
  readonly room: Room<C>;
  /** @internal */
  protected override readonly remedy = "Join again, or call reconnect() first.";
  readonly #client: ClientFunctions;
  readonly #batchMs: number;
  readonly #renewsToken: boolean;
  readonly #tap: EventTap;
  #presence: Presence<C> | undefined;
  #shared: SharedState<C> | undefined;

  /** @internal Tests call `room.join`. */
  constructor(
    link: RoomLink,
    client: ClientFunctions,
    { headers, subscribe = [], ...options }: JoinOptions,
  ) {
    super(link, headers);
    this.#client = client;
    this.#batchMs = options.batchMs ?? 0;
    this.#renewsToken = typeof options.token === "function";
    this.room = client.connect<C>({
      backoff: BACKOFF,
      ...options,
      host: HOST,
      party: link.about.className,
      room: link.name,
      WebSocket: this.line.socketClass,
    });
    // Before the client dials, so that the data comes with the room's first message.
    for (const name of subscribe) void this[name];
    this.#tap = new EventTap(
      (name, listener) => this.room.on(name as never, listener),
      this.journal,
    );
    this.room.onStatus((status) => this.note(textOf(status)));
    this.room.onError((error, event) => this.journal.add({ kind: "error", error, event }));
    this.room.onText((text) => this.journal.add({ kind: "text", text }));
    this.room.onBinary((bytes) => this.journal.add({ kind: "bytes", bytes }));
  }

  get id(): string {
    return this.room.id;
  }

  /** `connection.client` in the room: one for each `key`. */
  get client(): string {
    // A test gets its client after the first `$hello`.
    return this.room.client as string;
  }

  /** The connection's status, as the real client has it. */
  get status(): RoomStatus {
    return this.room.status;
  }

  /** The members of the room. The first use subscribes to them: wait until they have come. */
  get presence(): Presence<C> {
    if (!this.#presence) {
      this.#presence = this.#client.presence(this.room);
      this.#presence.subscribe(() => this.journal.changed());
    }
    return this.#presence;
  }

  /** The room's past events: `await ada.history.read("said")`. */
  get history(): RoomHistory<C> {
    return this.#client.history(this.room);
  }

  /** The room's shared state. The first use subscribes to it: wait until it has come. */
  get shared(): SharedState<C> {
    if (!this.#shared) {
      this.#shared = this.#client.sharedState(this.room);
      this.#shared.subscribe(() => this.journal.changed());
    }
    return this.#shared;
  }

  /**
   * Sends an event, as `emit` of the real client does.
   *
   * @throws Error if the test has closed this client.
   */
  emit<Name extends ClientEventName<C>>(
    event: Name,
    data: ClientEvent<C, Name>,
    options?: EmitOptions,
  ): Delivery;
  emit<Name extends ClientEventName<C>>(
    event: Name,
    ...data: DataArguments<ClientEvent<C, Name>>
  ): Delivery;
  emit(...event: unknown[]): Delivery {
    this.checkIsOpen(`emit(${shown(event[0])})`);
    return (this.room.emit as (...all: unknown[]) => Delivery).apply(this.room, event);
  }

  /**
   * Calls the room, as `call` of the real client does. It rejects with a `PartyError`, or with an
   * Error if the test has closed this client.
   */
  call<Name extends CallName<C>>(
    name: Name,
    input: CallInput<C, Name>,
    options?: CallOptions,
  ): TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  call<Name extends CallName<C>>(
    name: Name,
    ...input: CallArguments<C, Name>
  ): TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  async call(...call: unknown[]): Promise<unknown> {
    this.checkIsOpen(`call(${shown(call[0])})`);
    return (this.room.call as (...all: unknown[]) => unknown).apply(this.room, call);
  }

  /**
   * Waits for the next event of a name, and returns its data. Each event is returned once, in the
   * order in which they came. Events that came before the call count too.
   *
   * @throws Error if none comes in time. It lists what came.
   */
  async next<Name extends ServerEventName<C>>(
    name: Name,
    options?: WaitOptions,
  ): Promise<ServerEvent<C, Name>> {
    const isNext = (entry: Received): entry is EntryOf<"event"> =>
      entry.kind === "event" && entry.name === name;
    const look = () => this.journal.take(isNext);
    const { data } = await this.wait(look, () => `No ${shown(name)} came`, options);
    return data;
  }

  /**
   * Waits until the room refuses an event of this client, and returns the error. It returns each
   * error once, also those that came before.
   *
   * @throws Error if none comes in time. It lists what came.
   */
  async nextError(options?: WaitOptions): Promise<PartyError> {
    const isError = (entry: Received): entry is EntryOf<"error"> => entry.kind === "error";
    const look = () => this.journal.take(isError);
    const { error } = await this.wait(look, () => "No error came", options);
    return error;
  }

  /**
   * Waits until the connection is closed for good, and returns the close.
   *
   * @throws Error if it stays open. It lists what came.
   */
  async closed(options?: WaitOptions): Promise<SeenClose> {
    const look = () => (this.status.state === "closed" ? this.status : undefined);
    const { error } = await this.wait(look, () => "No close came", options);
    const { closeCode = 1000, reason = "" } = error?.data ?? {};
    return { code: closeCode, reason };
  }

  /**
   * Brings the network back, and reconnects as the same client. It returns when the room is open.
   * Without a cut, the connection is closed first. After `close`, the client joins again.
   *
   * @throws PartyError if the room refuses the client.
   */
  async reconnect(options?: WaitOptions): Promise<void> {
    this.link.checkIsOpen("reconnect");
    this.line.isCut = false;
    this.isClosed = false;
    this.room.reconnect();
    await this.opened(options);
  }

  /** @internal Waits until the room is open. `join` and `reconnect` do it. */
  async opened(options?: WaitOptions): Promise<void> {
    let failures = 0;
    // The client asks the function of a token once more after a refusal.
    const mostFailures = this.#renewsToken ? 1 : 0;
    const stop = this.room.onStatus(({ state }) => {
      if (state === "waiting") failures += 1;
    });
    const look = () => {
      const { status } = this;
      if (status.state === "open") return true;
      const isOver = status.state === "closed" || failures > mostFailures;
      if (isOver && "error" in status) throw refusalOf(status.error);
      return undefined;
    };
    try {
      await this.wait(look, () => "The room did not open", options);
    } finally {
      stop();
    }
  }

  /** @internal */
  async settle(options?: WaitOptions): Promise<void> {
    // The client sends the events of a task at its end, or when their batch is over.
    await tick(this.#batchMs);
    if (this.status.state !== "open") return;
    this.line.open?.ask();
    await this.answered(options);
  }

  /** @internal */
  async restored(before: readonly object[], options: WaitOptions): Promise<void> {
    if (this.line.isCut || this.isClosed) return;
    const look = () => {
      const sockets: Set<object> = this.line.sockets;
      if (before.some((socket) => sockets.has(socket))) return undefined;
      return ["closed", "open"].includes(this.status.state) || undefined;
    };
    await this.wait(look, () => "The client did not reconnect", options);
  }

  /** @internal */
  protected leave(): void {
    this.room.close();
  }

  /** @internal */
  protected heard(data: string | ArrayBuffer): void {
    this.#tap.heard(data);
  }
}

/** The error of a client that was refused. */
function refusalOf(error: Error | undefined): Error {
  return error ?? new PartyError("disconnected", { message: "The room closed with 1000." });
}

function textOf(status: RoomStatus): string {
  const error = "error" in status ? status.error : undefined;
  return error ? `${status.state}: ${error.code}, ${error.message}` : status.state;
}
