import type { PartyError } from "@partyflare/shared";
import {
  decodeServerFrame,
  encodeEvent,
  encodeText,
  FRAMED_PROTOCOL,
  fromWireError,
  isPrivateHostname,
} from "@partyflare/shared/internal";
import type {
  CallErrorOf,
  CallInput,
  CallName,
  CallOutput,
  ClientEvent,
  ClientEventName,
  Contract,
  DataArguments,
  SendableMessage,
  ServerEvent,
  ServerEventName,
} from "@partyflare/shared";
import type { ServerFrame, WireHistory } from "@partyflare/shared/internal";
import {
  type CallArguments,
  type CallOptions,
  Calls,
  type ResumedCall,
  type TypedPromise,
} from "./calls";
import { droppedOf } from "./dropped";
import type { ReceivedMessage } from "../connection/attempt";
import { heartbeat } from "../connection/heartbeat";
import type { ConnectOptions, PageMemory } from "../connection/options";
import { type HistoryPage, type PastEvent, readPastEvents } from "./past-events";
import { Progress } from "./progress";
import { type Delivery, transportState } from "../connection/message-queue";
import { type QueuedFrame, SendQueue } from "./send-queue";
import { ReconnectingSocket } from "../connection/reconnecting-socket";
import type { SocketWiring } from "../connection/wiring";
import { type EmitOptions, RoomEvents } from "./events";
import { FIRST_STATUS, type LossError, type RoomStatus } from "../connection/status";

/** Internal options: for hooks and tests. */
export interface RoomWiring extends SocketWiring {
  startClosed?: boolean | undefined;
  /** Whether it is `closed` until it connects. What is resumed waits for that. */
  isIdle?: boolean | undefined;
  /** Who connects, where `token` does not tell: another user does not go on as this one. */
  user?: string | undefined;
}

/**
 * A client's side of a room with a contract. `connect` makes one.
 *
 * Listeners of events are added once, and stay while connections come and go. One that throws
 * keeps nothing from the others; what it threw is reported as the platform reports it.
 */
export class Room<C extends Contract> extends RoomEvents<C> {
  /** As it was given to `connect`. */
  readonly party: string;
  /** The room's name, as it was given to `connect`. */
  readonly name: string;

  /**
   * With `resume`, the calls of the page before that had no answer: they go on. In the order in which
   * they were made, and for as long as this room is there.
   */
  readonly resumed: readonly ResumedCall<C>[];

  readonly #socket: ReconnectingSocket;
  readonly #queue: SendQueue;
  readonly #calls: Calls;
  readonly #progress: Progress;
  /** What a reload leaves of this client, with `resume`. */
  readonly #memory: PageMemory | undefined;
  #status = FIRST_STATUS;
  /** Whether the room has said hello on the connection there is. */
  #isReady = false;
  /** Counts what has ended: what is left of an ended connection's frames is not read. */
  #endings = 0;
  /** Why there is no connection; undefined while there is one, and before the first. */
  #lastError: LossError | undefined;

  /** Made by `connect` and `useRoom`. */
  constructor(options: ConnectOptions, { startClosed, isIdle, user, ...wiring }: RoomWiring = {}) {
    super();
    const onChange = () => this.#memory?.changed();
    this.#progress = new Progress(onChange);
    this.#queue = new SendQueue(
      options.queue,
      {
        state: () => (this.#isReady ? transportState(this.#socket) : "closed"),
        send: (message) => this.#socket.send(message),
        onDrop: (message, reason) => this.listeners.emit("$drop", droppedOf(message, reason)),
      },
      options.batchMs ?? 0,
    );
    this.#calls = new Calls({
      queue: this.#queue,
      send: (message) => this.#send(message),
      lastError: () => this.#lastError,
      onChange,
    });
    const memory = options.resume?.({
      options,
      user,
      progress: this.#progress,
      calls: this.#calls,
    });
    this.#memory = memory;
    this.resumed = (memory?.resumed ?? []) as unknown as ResumedCall<C>[];
    try {
      this.#socket = new ReconnectingSocket(
        { ...options, ...memory?.identity, startClosed, heartbeat: heartbeat() },
        {
          onMessage: ({ data }) => this.#receive(data),
          onPhase: (phase) => this.#become(phase),
          onCertain: () => this.#queue.flush(),
        },
        {
          ...wiring,
          claim: memory && ((identity) => memory.claim(identity)),
          position: () => this.#progress.position,
          subprotocol: FRAMED_PROTOCOL,
        },
      );
    } catch (error) {
      memory?.release();
      throw error;
    }
    this.#socket.binaryType = "arraybuffer";
    this.party = options.party;
    this.name = options.room;
    if (isIdle) this.#status = { state: "closed" };
  }

  /**
   * By which the room knows this client. The same at every attempt; with `resume` it may be another
   * before the first, unless the app has given it.
   */
  get id(): string {
    return this.#socket.id;
  }

  /** How the connection is. The same object until it changes. */
  override get status(): RoomStatus {
    return this.#status;
  }

  /** How many calls are not answered yet. */
  get unanswered(): number {
    return this.#calls.size;
  }

  protected override get isInDevelopment(): boolean {
    return isPrivateHostname(this.#socket.roomUrl.hostname);
  }

  /**
   * Durable events of the past, in their order, of those that this client may see: the last ones,
   * or those before an offset.
   *
   * Rejected as a call is; `unknown_call` where the room has no `history()`.
   */
  history<Name extends ServerEventName<C>>(
    event: Name,
    { before, limit }: HistoryPage = {},
  ): Promise<PastEvent<ServerEvent<C, Name>>[]> {
    const ask = (input: unknown) => this.#calls.start("$history", input);
    return readPastEvents({ event, before, limit }, ask, () => this.#progress.gaps);
  }

  /**
   * Sends an event, or holds it until the room is open, its connection is known to be alive, and the
   * network takes it: see `queue`. With `batchMs` it is held until its window ends, too.
   *
   * @returns `dropped` when the room is closed, when the queue is full, and for a volatile event that
   *   cannot be sent.
   * @throws TypeError for data that JSON cannot hold.
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
  emit(event: string, data?: unknown, { volatile: isVolatile }: EmitOptions = {}): Delivery {
    return this.#send({ message: encodeEvent(event, data), mayWait: true, isVolatile });
  }

  /**
   * Asks the room, and waits for its answer. It is held as an event is while the room is not open.
   *
   * The promise is rejected with a `PartyError`: a code that the call declares or that the library
   * has, such as `timeout`, `aborted`, and `disconnected` when the connection was lost before the
   * answer, so that the room may or may not have done it, or when it could not be held.
   *
   * @example
   * const { name } = await room.call("rename", { name: "Ada" }, { timeoutMs: 5_000 });
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
  call(name: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#calls.start(name, input, options);
  }

  /** Sends text outside of the contract, to the room's `onMessage`. Held and dropped as events. */
  sendText(text: string): Delivery {
    return this.#send({ message: encodeText(text), mayWait: true });
  }

  /** Sends bytes to the room's `onMessage`. While they are held they are not copied. */
  sendBinary(bytes: Exclude<SendableMessage, string>): Delivery {
    return this.#send({ message: bytes });
  }

  /**
   * Closes for good, or until `reconnect` is called. What waits for the end of a window is sent; what
   * is held because it cannot be sent is dropped. Calls are rejected.
   */
  close(): void {
    this.#queue.flush();
    if (this.#socket.shouldReconnect) return this.#socket.close();
    // It has never been connected.
    this.#memory?.release();
    this.#calls.end();
    this.#become({ state: "closed" });
  }

  /**
   * Connects anew and at once: after `close` and a final close too, and in the middle of a wait.
   *
   * @throws as `connect` does, where a server renders.
   */
  reconnect(): void {
    this.#queue.flush();
    this.#socket.reconnect();
  }

  /**
   * Finds out at once whether the connection is alive, and cuts the wait for the next attempt short.
   * Browsers do it when network or page are back. In React Native, do it when `AppState` is `active`.
   */
  probe(): void {
    this.#queue.flush();
    this.#socket.probe();
  }

  #send(message: QueuedFrame): Delivery {
    if (this.#status.state === "closed") return this.#queue.drop(message, "closed");
    return this.#queue.send(message);
  }

  #receive(data: ReceivedMessage): void {
    if (typeof data !== "string") return void this.listeners.emit("$binary", data);
    const endings = this.#endings;
    for (const text of data.split("\n")) {
      if (endings === this.#endings) this.#read(text);
    }
  }

  #read(text: string): void {
    let frame: ServerFrame | null;
    try {
      frame = decodeServerFrame(text);
    } catch (error) {
      return this.tellOfError(error as PartyError);
    }
    if (!frame) return;
    if (frame.kind !== "event") return this.#handle(frame);
    const { name, data, offset, tag = "" } = frame;
    if (offset === undefined) this.take(name, data);
    else if (this.#progress.takes(offset, tag)) this.take(name, data, offset);
  }

  #handle(frame: Exclude<ServerFrame, { kind: "event" }>): void {
    switch (frame.kind) {
      case "reply":
        return this.#calls.get(frame.id)?.reply(frame.output);
      case "fail":
        return this.#calls.get(frame.id)?.fail(fromWireError(frame.error));
      case "error":
        return this.tellOfError(fromWireError(frame.error), frame.event);
      case "text":
        return void this.listeners.emit("$text", frame.text);
      case "hello":
        this.#socket.hello();
        this.#isReady = true;
        this.#calls.greet(frame.once);
        // What has a number from now on must not be made again as another.
        this.#memory?.write();
        this.#queue.flush();
        this.#become({ state: "open", id: frame.id });
        // A listener may have closed it.
        return this.#isReady && frame.history ? this.#begin(frame.history) : undefined;
      case "history":
        return this.#begin(frame.history);
      case "once":
        return this.#calls.renew(frame.once);
      case "close":
        return this.#socket.leave(frame.close);
      case "pong":
        return undefined;
      default:
        return frame satisfies never;
    }
  }

  #begin(history: WireHistory): void {
    const recovery = this.#progress.begin(history);
    if (recovery) this.listeners.emit("$recovery", recovery);
  }

  #become(next: RoomStatus): void {
    const last = this.#status;
    const isAnAttempt = next.state === "connecting" && last.state === "connecting";
    if (isAnAttempt && next.attempt === last.attempt) return;
    if (next.state === "closed" && last.state === "closed") return;
    this.#status = next;
    if (next.state === "open") this.#lastError = undefined;
    else {
      if ("error" in next) this.#lastError = next.error;
      this.#isReady = false;
      this.#endings += 1;
      this.#queue.disconnect();
      this.#calls.disconnect();
    }
    if (next.state === "closed") {
      const dropped = this.#queue.drain();
      this.#calls.end();
      this.endStreams();
      this.#memory?.release();
      // Last, since a listener may connect anew.
      for (const message of dropped) this.#queue.drop(message, "closed");
    }
    this.listeners.emit("$status", next);
  }
}
