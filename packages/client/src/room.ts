import {
  decodeServerFrame,
  encodeEvent,
  encodeText,
  FRAMED_PROTOCOL,
  fromWireError,
  splitFrames,
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
  PartyError,
  SendableMessage,
  ServerEvent,
  ServerEventName,
  ServerFrame,
  WireClose,
} from "@partyflare/shared";
import { type CallOptions, Calls } from "./calls";
import { type Dropped, droppedOf } from "./dropped";
import { Emitter, type Stop } from "./emitter";
import { EventStream } from "./event-stream";
import type { ReceivedMessage } from "./events";
import type { ConnectOptions } from "./options";
import { type Delivery, type Letter, type Line, lineState, Outbox } from "./outbox";
import { Redialer, type RedialerWiring } from "./redialer";
import { type Closed, closeError, FIRST_STATUS, type RoomStatus } from "./status";
import type { TypedPromise } from "./typed-promise";

/** What `room.call` takes after the call's name. */
export type CallArguments<C extends Contract, Name extends CallName<C>> =
  undefined extends CallInput<C, Name>
    ? [input?: CallInput<C, Name>, options?: CallOptions]
    : [input: CallInput<C, Name>, options?: CallOptions];

/**
 * A client's side of a room with a contract. `connect` makes one.
 *
 * Listeners of events are added once, and stay while connections come and go. One that throws
 * keeps nothing from the others; what it threw is reported as the platform reports it.
 */
export class Room<C extends Contract> {
  /** By which the room knows this client. The same at every attempt. */
  readonly id: string;
  /** As it was given to `connect`. */
  readonly party: string;
  /** The room's name, as it was given to `connect`. */
  readonly name: string;

  readonly #redialer: Redialer;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #streams = new Set<{ end(): void }>();
  /** Of events, by their names, and of the room itself, by names that no event has. */
  readonly #listeners = new Emitter();
  #status = FIRST_STATUS;
  /** Whether the room has said hello on the connection there is. */
  #isGreeted = false;
  /** Counts what has ended: what is left of an ended connection's frames is not read. */
  #endings = 0;

  /** Made by `connect` and `useRoom`. */
  constructor(
    options: ConnectOptions,
    { startClosed, ...wiring }: { startClosed?: boolean } & RedialerWiring = {},
  ) {
    const line: Line = {
      state: () => (this.#isGreeted ? lineState(this.#redialer) : "down"),
      send: (message) => this.#redialer.send(message),
      onDrop: (letter, reason) => this.#listeners.emit("$drop", droppedOf(letter, reason)),
    };
    this.#outbox = new Outbox(options.hold, line, options.batchMs);
    this.#calls = new Calls({
      send: (letter) => this.#send(letter),
      takeBack: (letter) => this.#outbox.remove(letter),
    });
    this.#redialer = new Redialer(
      { ...options, startClosed },
      {
        onMessage: ({ data }) => this.#receive(data),
        onClose: ({ code, reason }) => {
          if (!this.#redialer.socket.shouldReconnect) this.#end(closeError(code, reason));
        },
      },
      {
        ...wiring,
        subprotocol: FRAMED_PROTOCOL,
        onPhase: (phase) => this.#status.state !== "closed" && this.#become(phase),
      },
    );
    this.#redialer.socket.binaryType = "arraybuffer";
    this.id = this.#redialer.id;
    this.party = options.party;
    this.name = options.room;
  }

  /** How the connection is. The same object until it changes. */
  get status(): RoomStatus {
    return this.#status;
  }

  /** Calls a function with every status from here on. */
  onStatus(listener: (status: RoomStatus) => void): Stop {
    return this.#listeners.on("$status", (status: RoomStatus) => {
      // A listener before this one may have changed it again, and this one has been told.
      if (status === this.#status) listener(status);
    });
  }

  /** Calls a function with every event of a name. */
  on<Name extends ServerEventName<C>>(
    event: Name,
    listener: (data: ServerEvent<C, Name>) => void,
  ): Stop {
    return this.#listeners.on(event, listener);
  }

  /** Calls a function with the next event of a name. */
  once<Name extends ServerEventName<C>>(
    event: Name,
    listener: (data: ServerEvent<C, Name>) => void,
  ): Stop {
    const stop = this.on(event, (data) => {
      stop();
      listener(data);
    });
    return stop;
  }

  /**
   * The events of a name, for `for await`: those that arrive from here on. It ends when the loop is
   * left, and when the room closes for good.
   *
   * @param options `maxBuffered` is how many events are kept while the loop is busy. Default: 1,000.
   * @throws PartyError `too_slow`, from the loop, where there would have been more.
   *
   * @example
   * for await (const { text } of room.events("said")) await print(text);
   */
  events<Name extends ServerEventName<C>>(
    event: Name,
    { maxBuffered = 1_000 }: { maxBuffered?: number } = {},
  ): AsyncIterableIterator<ServerEvent<C, Name>, undefined> {
    const stream = new EventStream<ServerEvent<C, Name>>(maxBuffered, () => {
      stop();
      this.#streams.delete(stream);
    });
    const stop = this.on(event, (data) => stream.push(data));
    this.#streams.add(stream);
    return stream;
  }

  /** Calls a function with every text that the room sends outside of its contract. */
  onText(listener: (text: string) => void): Stop {
    return this.#listeners.on("$text", listener);
  }

  /** Calls a function with all bytes that the room sends. */
  onBinary(listener: (bytes: ArrayBuffer) => void): Stop {
    return this.#listeners.on("$binary", listener);
  }

  /**
   * Calls a function with what went wrong and ended nothing: an event that the room could not take
   * (`invalid`, with its `issues`; `unknown_event`), or a frame of the room's that could not be read
   * (`bad_frame`).
   *
   * @param listener is given the event's name too, where it was one.
   */
  onError(listener: (error: PartyError, event?: string) => void): Stop {
    return this.#listeners.on("$error", listener);
  }

  /**
   * Calls a function with all that is given up and never sent: what is beyond the bounds of `hold`,
   * what was held when the room closed, and what is given to a closed room.
   */
  onDrop(listener: (dropped: Dropped) => void): Stop {
    return this.#listeners.on("$drop", listener);
  }

  /**
   * Sends an event, or holds it until the room is open and the network takes it: see `hold`. With
   * `batchMs` it is held until its window ends, too.
   *
   * @returns `dropped` when the room is closed, or when as much is held as may be.
   * @throws TypeError for data that JSON cannot hold.
   */
  emit<Name extends ClientEventName<C>>(
    event: Name,
    ...[data]: DataArguments<ClientEvent<C, Name>>
  ): Delivery {
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
    ...[input, options]: CallArguments<C, Name>
  ): TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>> {
    return this.#calls.start(name, input, options) as Promise<CallOutput<C, Name>>;
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
    const endings = this.#endings;
    this.#redialer.close();
    this.#endSince(endings);
  }

  /**
   * Connects anew and at once: after `close` and a final close too, and in the middle of a wait.
   *
   * @throws as `connect` does, where a server renders.
   */
  reconnect(): void {
    this.#redialer.reconnect();
    this.#become(FIRST_STATUS);
  }

  #send(letter: Letter): Delivery {
    if (this.#status.state === "closed") return this.#outbox.drop(letter, "closed");
    return this.#outbox.send(letter);
  }

  #receive(data: ReceivedMessage): void {
    if (typeof data !== "string") return this.#listeners.emit("$binary", data);
    const endings = this.#endings;
    for (const text of splitFrames(data)) {
      if (endings === this.#endings) this.#read(text);
    }
  }

  #read(text: string): void {
    let frame: ServerFrame | null;
    try {
      frame = decodeServerFrame(text);
    } catch (error) {
      return this.#listeners.emit("$error", error);
    }
    if (frame) this.#handle(frame);
  }

  #handle(frame: ServerFrame): void {
    switch (frame.kind) {
      case "event":
        return this.#listeners.emit(frame.name, frame.data);
      case "reply":
        return this.#calls.reply(frame.id, frame.output);
      case "fail":
        return this.#calls.fail(frame.id, fromWireError(frame.error));
      case "error":
        return this.#listeners.emit("$error", fromWireError(frame.error), frame.event);
      case "text":
        return this.#listeners.emit("$text", frame.text);
      case "hello":
        this.#redialer.greeted();
        this.#isGreeted = true;
        this.#outbox.flush();
        return this.#become({ state: "open", id: frame.id });
      case "close":
        return this.#leave(frame.close);
      case "pong":
        return undefined;
      default:
        return frame satisfies never;
    }
  }

  #leave(close: WireClose): void {
    const endings = this.#endings;
    const comesBack = this.#redialer.leave(close);
    if (!comesBack) this.#endSince(endings, closeError(close.code, close.reason));
  }

  /**
   * Ends for good, unless it has ended since: where there was a connection, its end was told, and a
   * listener of ours may even have connected anew.
   */
  #endSince(endings: number, error?: Closed["error"]): void {
    if (endings === this.#endings) this.#end(error);
  }

  /** There is no connection, and there will be none. */
  #end(error?: Closed["error"]): void {
    if (this.#status.state === "closed") return;
    this.#become(error ? { state: "closed", error } : { state: "closed" });
  }

  #become(next: RoomStatus): void {
    const last = this.#status;
    const isAnAttempt = next.state === "connecting" && last.state === "connecting";
    if (isAnAttempt && next.attempt === last.attempt) return;
    this.#status = next;
    if (next.state !== "open") {
      this.#isGreeted = false;
      this.#endings += 1;
      this.#calls.disconnect();
    }
    if (next.state === "closed") {
      for (const letter of this.#outbox.drain()) this.#outbox.drop(letter, "closed");
      this.#calls.end();
      for (const stream of this.#streams) stream.end();
    }
    this.#listeners.emit("$status", next);
  }
}
