import {
  decodeServerFrame,
  encodeEvent,
  encodeText,
  FRAMED_PROTOCOL,
  fromWireError,
  isPrivateHostname,
  type ServerFrame,
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
  PartyError,
  SendableMessage,
} from "@partyflare/shared";
import {
  type CallArguments,
  type CallOptions,
  Calls,
  type ResumedCall,
  type TypedPromise,
} from "./calls";
import { Capabilities } from "./capabilities";
import { holdCapabilities } from "./capability";
import { droppedOf } from "./dropped";
import type { ReceivedMessage } from "../connection/attempt";
import { heartbeat } from "../connection/heartbeat";
import type { ConnectOptions, PageMemory } from "../connection/options";
import { Progress } from "./progress";
import { type Delivery, transportState } from "../connection/message-queue";
import { type QueuedFrame, SendQueue } from "./send-queue";
import { ReconnectingSocket } from "../connection/reconnecting-socket";
import type { RoomWiring } from "../connection/wiring";
import { type EmitOptions, RoomEvents } from "./events";
import { FIRST_STATUS, type LossError, type RoomStatus } from "../connection/status";

/**
 * The client's side of a room with a contract. Create one with `connect`.
 *
 * Add a listener once: it stays across reconnects. If a listener throws, the other listeners still
 * run. The error is reported as the platform reports uncaught errors.
 */
export class Room<C extends Contract> extends RoomEvents<C> {
  /** The party that was given to `connect`. */
  readonly party: string;
  /** The room's name that was given to `connect`. */
  readonly name: string;
  /**
   * With `resume`: the calls that the previous page left unanswered, in the order in which they
   * were made. The client sends them again. The list does not change while this room exists.
   */
  readonly resumed: readonly ResumedCall<C>[];
  readonly #socket: ReconnectingSocket;
  readonly #queue: SendQueue;
  readonly #calls: Calls;
  readonly #progress: Progress;
  readonly #capabilities: Capabilities;
  /** The state that survives a reload, with `resume`. */
  readonly #memory: PageMemory | undefined;
  #status = FIRST_STATUS;
  /** Whether the room has sent `$hello` on the current connection. */
  #isReady = false;
  #client: string | undefined;
  /** Counts ended connections. The rest of an ended connection's frames is skipped. */
  #endings = 0;
  /** Why there is no connection; undefined while there is one, and before the first. */
  #lastError: LossError | undefined;

  constructor(options: ConnectOptions, { startClosed, isIdle, user, ...wiring }: RoomWiring = {}) {
    super();
    const onChange = () => this.#memory?.changed();
    this.#progress = new Progress({
      onChange,
      onRecovery: (recovery) => void this.listeners.emit("$recovery", recovery),
    });
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
      turn: (run) => this.#capabilities.turn(run),
      onChange,
    });
    this.#capabilities = new Capabilities(
      {
        id: () => this.id,
        isReady: () => this.#isReady,
        warnOnce: (key, text) => this.warnOnce(key, text),
        sendNow: (message) => this.#socket.send(message),
        send: (message) => this.#send({ message, mayWait: true, isVolatile: true }),
        call: (name, input) => this.#calls.start(name, input),
        whenSettled: (promise, run) => this.#calls.whenSettled(promise, run),
        error: (error) => this.tellOfError(error),
      },
      [this.#progress, this.#calls],
    );
    holdCapabilities(this, this.#capabilities);
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
          onMessage: ({ data }) => this.#capabilities.turn(() => this.#receive(data)),
          onPhase: (phase) => this.#capabilities.turn(() => this.#become(phase)),
          onCertain: () => this.#queue.flush(),
        },
        {
          ...wiring,
          claim: memory && ((identity) => memory.claim(identity)),
          asks: () => this.#capabilities.asks(),
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
   * This client's id in the room. It is the same at every attempt. With `resume`, it may change
   * before the first attempt, unless the app has set it.
   */
  get id(): string {
    return this.#socket.id;
  }

  /** Its `connection.client`: one for each `key`, and public. Undefined before the first open. */
  get client(): string | undefined {
    return this.#client;
  }

  /** The connection's status. It is the same object until the status changes. */
  override get status(): RoomStatus {
    return this.#status;
  }

  /** The number of calls without an answer. */
  get unanswered(): number {
    return this.#calls.size;
  }

  protected override get isInDevelopment(): boolean {
    return isPrivateHostname(this.#socket.roomUrl.hostname);
  }

  /**
   * Sends an event, or queues it while the room is not open, the connection is in doubt, or the
   * network is congested: see `queue`. With `batchMs`, the event also waits for its batch to end.
   *
   * @returns `dropped` if the room is closed or the queue is full, and for a volatile event that
   *   cannot be sent now.
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
   * Calls the room. While the room is not open, the call is queued, as an event is.
   *
   * The promise rejects with a `PartyError`. Its code is one that the call declares, or one of the
   * library's, such as `timeout` or `aborted`. It is `disconnected` if the call could not be
   * queued, or if the connection was lost before the answer. In the second case, the room may have
   * run the call.
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

  /** Sends text outside the contract to the room's `onMessage`. Queued and dropped as events. */
  sendText(text: string): Delivery {
    return this.#send({ message: encodeText(text), mayWait: true });
  }

  /** Sends bytes to the room's `onMessage`. The queue does not copy them. */
  sendBinary(bytes: Exclude<SendableMessage, string>): Delivery {
    return this.#send({ message: bytes });
  }

  /**
   * Closes the connection for good, or until `reconnect` is called. The current batch is sent.
   * Messages in the queue that cannot be sent are dropped, and calls are rejected.
   */
  close(): void {
    this.#queue.flush();
    if (this.#socket.shouldReconnect) return this.#socket.close();
    // The room has never connected.
    this.#memory?.release();
    this.#capabilities.turn(() => {
      this.#calls.end();
      this.#become({ state: "closed" });
    });
  }

  /**
   * Reconnects now, also after `close`, after a final close, and during a wait.
   *
   * @throws on a server, as `connect` does.
   */
  reconnect(): void {
    this.#queue.flush();
    this.#socket.reconnect();
  }

  /**
   * Checks now whether the connection is alive, and ends a wait. Browsers do this when the network
   * or the page is back. In React Native, call it when `AppState` becomes `active`.
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
    let frame: ServerFrame;
    try {
      frame = decodeServerFrame(text);
    } catch (error) {
      return this.tellOfError(error as PartyError);
    }
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
        return this.#refused(fromWireError(frame.error), frame.event);
      case "text":
        return void this.listeners.emit("$text", frame.text);
      case "hello":
        this.#socket.hello();
        this.#isReady = true;
        this.#client = frame.client;
        return this.#capabilities.hello(frame.parts, () => {
          // Saved before the flush: a numbered call must keep its number.
          this.#memory?.write();
          this.#queue.flush();
          this.#become({ state: "open", id: frame.id });
        });
      case "capability":
        return this.#capabilities.receive(frame.name, frame.payload);
      case "close":
        return this.#socket.leave(frame.close);
      case "pong":
        return undefined;
      default:
        return frame satisfies never;
    }
  }

  #refused(error: PartyError, frame?: string): void {
    this.#capabilities.refuse(frame, error);
    this.tellOfError(error, frame);
  }

  #become(next: RoomStatus): void {
    const last = this.#status;
    const isAnAttempt = next.state === "connecting" && last.state === "connecting";
    // A capability may have reconnected after `$hello`, before the room was open.
    if (isAnAttempt && next.attempt === last.attempt && !this.#isReady) return;
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
      // Last, because a listener may reconnect.
      this.#capabilities.lose();
      this.#capabilities.close();
      for (const message of dropped) this.#queue.drop(message, "closed");
    } else if (next.state !== "open") this.#capabilities.lose();
    this.listeners.emit("$status", next);
  }
}
