import {
  decodeServerFrame,
  encodeEvent,
  encodeText,
  FRAMED_PROTOCOL,
  framesOf,
  fromWireError,
} from "@partyflare/shared";
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
  ServerFrame,
  WireHistory,
} from "@partyflare/shared";
import { type CallOptions, Calls } from "./calls";
import { droppedOf } from "./dropped";
import type { ReceivedMessage } from "../connection/attempt";
import { heartbeat } from "../connection/heartbeat";
import type { ConnectOptions } from "../connection/options";
import type { HistoryPage, PastEvent } from "./past-event";
import type { Progress } from "./progress";
import { type Delivery, type Letter, type Line, lineState, Outbox } from "./send-queue";
import { ReconnectingSocket } from "../connection/reconnecting-socket";
import type { SocketWiring } from "../connection/wiring";
import { RoomEvents } from "./events";
import { clientOf } from "../capabilities/session/session";
import { FIRST_STATUS, type RoomStatus } from "../connection/status";
import type { TypedPromise } from "./typed-promise";

/** As many events as `room.history` gives, where nothing is said. */
const DEFAULT_PAGE = 50;

/** What `room.call` takes after the call's name. */
export type CallArguments<C extends Contract, Name extends CallName<C>> =
  [] extends DataArguments<CallInput<C, Name>>
    ? [input?: CallInput<C, Name>, options?: CallOptions]
    : [input: CallInput<C, Name>, options?: CallOptions];

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

  readonly #socket: ReconnectingSocket;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #progress: Progress;
  #status = FIRST_STATUS;
  /** Whether the room has said hello on the connection there is. */
  #isGreeted = false;
  /** Counts what has ended: what is left of an ended connection's frames is not read. */
  #endings = 0;
  /** Counts how often the room could not go on from where this client was. */
  #gaps = 0;

  /** Made by `connect` and `useRoom`. */
  constructor(
    options: ConnectOptions,
    { startClosed, ...wiring }: { startClosed?: boolean } & SocketWiring = {},
  ) {
    super();
    const line: Line = {
      state: () => (this.#isGreeted && !this.#socket.isInDoubt ? lineState(this.#socket) : "down"),
      send: (message) => this.#socket.send(message),
      onDrop: (letter, reason) => this.listeners.emit("$drop", droppedOf(letter, reason)),
    };
    this.#outbox = new Outbox(options.hold, line, options.batchMs);
    this.#calls = new Calls({
      send: (letter) => this.#send(letter),
      takeBack: (letter) => this.#outbox.remove(letter),
    });
    const { progress, identity, claim } = clientOf(options);
    this.#progress = progress;
    this.#socket = new ReconnectingSocket(
      { ...options, ...identity, startClosed, heartbeat: heartbeat() },
      {
        onMessage: ({ data }) => this.#receive(data),
        onPhase: (phase) => this.#become(phase),
        onCertain: () => this.#outbox.flush(),
      },
      {
        ...wiring,
        claim,
        position: () => progress.position,
        subprotocol: FRAMED_PROTOCOL,
      },
    );
    this.#socket.binaryType = "arraybuffer";
    this.party = options.party;
    this.name = options.room;
  }

  /**
   * By which the room knows this client. The same at every attempt; with `resume` it may be another
   * before the first.
   */
  get id(): string {
    return this.#socket.id;
  }

  /** How the connection is. The same object until it changes. */
  override get status(): RoomStatus {
    return this.#status;
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
    return this.#readPages<PastEvent<ServerEvent<C, Name>>>({ event, before, limit });
  }

  /**
   * Sends an event, or holds it until the room is open and the network takes it: see `hold`. With
   * `batchMs` it is held until its window ends, too.
   *
   * @returns `dropped` when the room is closed, or when as much is held as may be.
   * @throws TypeError for data that JSON cannot hold.
   */
  emit<Name extends ClientEventName<C>>(event: Name, data: ClientEvent<C, Name>): Delivery;
  emit<Name extends ClientEventName<C>>(
    event: Name,
    ...data: DataArguments<ClientEvent<C, Name>>
  ): Delivery;
  emit(event: string, data?: unknown): Delivery {
    return this.#send({ message: encodeEvent(event, data), mayWait: true });
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
   * Closes for good, or until `reconnect` is called. What waits for the end of a `batchMs` window is
   * sent; what is held because it cannot be sent is dropped. Calls are rejected.
   */
  close(): void {
    this.#outbox.flush();
    if (this.#socket.shouldReconnect) this.#socket.close();
    // It has never been connected.
    else this.#become({ state: "closed" });
  }

  /**
   * Connects anew and at once: after `close` and a final close too, and in the middle of a wait.
   *
   * @throws as `connect` does, where a server renders.
   */
  reconnect(): void {
    this.#socket.reconnect();
  }

  /**
   * Finds out at once whether the connection is alive, and cuts the wait for the next attempt short.
   * Browsers do it by themselves when the network or the page is back. Call it where there are no
   * such events: in React Native, when `AppState` becomes `active`.
   */
  probe(): void {
    this.#socket.probe();
  }

  /**
   * A room answers with as many as it has read at once, and where to go on. Pages of two storages
   * are no one's past: where the room's was wiped in between, it is asked anew.
   */
  async #readPages<Event>(page: HistoryPage & { event: string }): Promise<Event[]> {
    const { event, limit = DEFAULT_PAGE } = page;
    let { before } = page;
    let gaps = this.#gaps;
    const found: Event[] = [];
    for (;;) {
      const left = limit - found.length;
      // oxlint-disable-next-line no-await-in-loop -- a page says where the next one begins
      const answer = await this.#calls.start("$history", { event, before, limit: left });
      const { events, next } = answer as { events: Event[]; next?: number };
      const isSameStorage = gaps === this.#gaps;
      if (isSameStorage || found.length === 0) {
        found.unshift(...events);
        before = next;
        if (before === undefined || found.length >= limit) return found;
      }
      if (isSameStorage) continue;
      gaps = this.#gaps;
      found.length = 0;
      ({ before } = page);
    }
  }

  #send(letter: Letter): Delivery {
    if (this.#status.state === "closed") return this.#outbox.drop(letter, "closed");
    return this.#outbox.send(letter);
  }

  #receive(data: ReceivedMessage): void {
    if (typeof data !== "string") return this.listeners.emit("$binary", data);
    const endings = this.#endings;
    for (const text of framesOf(data)) {
      if (endings === this.#endings) this.#read(text);
    }
  }

  #read(text: string): void {
    let frame: ServerFrame | null;
    try {
      frame = decodeServerFrame(text);
    } catch (error) {
      return this.listeners.emit("$error", error);
    }
    if (!frame) return;
    if (frame.kind !== "event") return this.#handle(frame);
    const { name, data, offset, tag = "" } = frame;
    if (offset === undefined) return this.listeners.emit(name, data);
    if (this.#progress.takes(offset, tag)) this.listeners.emit(name, data, offset);
  }

  #handle(frame: Exclude<ServerFrame, { kind: "event" }>): void {
    switch (frame.kind) {
      case "reply":
        return this.#calls.reply(frame.id, frame.output);
      case "fail":
        return this.#calls.fail(frame.id, fromWireError(frame.error));
      case "error":
        return this.listeners.emit("$error", fromWireError(frame.error), frame.event);
      case "text":
        return this.listeners.emit("$text", frame.text);
      case "hello":
        this.#socket.hello();
        this.#isGreeted = true;
        this.#calls.greet(frame.once);
        this.#outbox.flush();
        this.#become({ state: "open", id: frame.id });
        return frame.history && this.#begin(frame.history);
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
    if (recovery?.recovered === false) this.#gaps += 1;
    if (recovery) this.listeners.emit("$recovery", recovery);
  }

  #become(next: RoomStatus): void {
    const last = this.#status;
    const isAnAttempt = next.state === "connecting" && last.state === "connecting";
    if (isAnAttempt && next.attempt === last.attempt) return;
    if (next.state === "closed" && last.state === "closed") return;
    this.#status = next;
    if (next.state !== "open") {
      this.#isGreeted = false;
      this.#endings += 1;
      this.#calls.disconnect();
    }
    if (next.state === "closed") {
      for (const letter of this.#outbox.drain()) this.#outbox.drop(letter, "closed");
      this.#calls.end();
      this.endStreams();
    }
    this.listeners.emit("$status", next);
  }
}
