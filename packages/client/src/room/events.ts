import {
  type Contract,
  PartyError,
  type ServerEvent,
  type ServerEventName,
} from "@partyflare/shared";
import { errorPage } from "@partyflare/shared/internal";
import type { Dropped } from "./dropped";
import { Emitter, type Stop } from "../connection/emitter";
import type { Recovery } from "./progress";
import type { RoomStatus } from "../connection/status";

/** Options of an event to send. */
export interface EmitOptions {
  /**
   * Whether the event is useless later, such as a pointer's position. A volatile event is not
   * queued: `emit` returns `dropped` if it cannot be sent now, and `onDrop` is not called. Default:
   * false.
   */
  volatile?: boolean | undefined;
}

/** The events of a room and the functions that listen to them. */
export abstract class RoomEvents<C extends Contract> {
  /**
   * Listeners of events, by their names, and of the room itself, by names that no event can have.
   */
  protected readonly listeners = new Emitter();
  readonly #latest = new Map<string, unknown>();
  readonly #streams = new Set<{ end(): void }>();
  /** The keys of the warnings so far. */
  readonly #warnings = new Set<string | undefined>();

  /** The connection's status. It is the same object until the status changes. */
  abstract get status(): RoomStatus;

  /** Whether the room is on this machine or in a private network. */
  protected abstract get isInDevelopment(): boolean;

  /** Calls a function with every status from now on. */
  onStatus(listener: (status: RoomStatus) => void): Stop {
    return this.listeners.on("$status", (status: RoomStatus) => {
      // An earlier listener may have changed the status, which has already called this listener.
      if (status === this.status) listener(status);
    });
  }

  /**
   * Calls a function with every event of a name. A durable event arrives once and in order, also
   * across reconnects.
   *
   * @param listener receives the event's data. For a durable event, it also receives the offset:
   *   the event's place among the room's durable events, counted from 1.
   */
  on<Name extends ServerEventName<C>>(
    event: Name,
    listener: (data: ServerEvent<C, Name>, offset?: number) => void,
  ): Stop {
    return this.listeners.on(event, listener);
  }

  /** Returns the data of the latest event of a name; undefined before the first. */
  latest<Name extends ServerEventName<C>>(event: Name): ServerEvent<C, Name> | undefined {
    return this.#latest.get(event);
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
   * Returns the events of a name from now on, for `for await`. The loop ends when your code leaves
   * it, or when the room closes for good. It ends at once if the room is already closed.
   *
   * @param options `maxBuffered` is the most events in the buffer while the loop is busy. Default:
   *   1,000.
   * @throws PartyError `too_slow`, from the loop, if the buffer overflows.
   *
   * @example
   * for await (const { text } of room.events("said")) await print(text);
   */
  events<Name extends ServerEventName<C>>(
    event: Name,
    { maxBuffered = 1_000 }: { maxBuffered?: number | undefined } = {},
  ): AsyncIterableIterator<ServerEvent<C, Name>, undefined> {
    const stream = new EventStream<ServerEvent<C, Name>>(maxBuffered, () => {
      stop();
      this.#streams.delete(stream);
    });
    const stop = this.on(event, (data) => stream.push(data));
    this.#streams.add(stream);
    if (this.status.state === "closed") stream.end();
    return stream;
  }

  /**
   * Calls a function after a reconnect to a room with durable events, before the missed events
   * arrive. `recovered` tells whether all missed events follow.
   */
  onRecovery(listener: (recovery: Recovery) => void): Stop {
    return this.listeners.on("$recovery", listener);
  }

  /** Calls a function with every text that the room sends outside of its contract. */
  onText(listener: (text: string) => void): Stop {
    return this.listeners.on("$text", listener);
  }

  /** Calls a function with all bytes that the room sends. */
  onBinary(listener: (bytes: ArrayBuffer) => void): Stop {
    return this.listeners.on("$binary", listener);
  }

  /**
   * Calls a function with each error that does not end the connection. The codes are `invalid`
   * (with `issues`) and `unknown_event` for an event that the room refused. The code is `bad_frame`
   * for a frame from the room that could not be read.
   *
   * @param listener receives the error, and the event's name if an event caused it.
   */
  onError(listener: (error: PartyError, event?: string) => void): Stop {
    return this.listeners.on("$error", listener);
  }

  /**
   * Calls a function with each message that is dropped unsent. The queue was full, the room closed
   * while the message was queued, or the room was already closed. It is not called for volatile
   * events.
   */
  onDrop(listener: (dropped: Dropped) => void): Stop {
    return this.listeners.on("$drop", listener);
  }

  /** Delivers an event, with its offset if it is durable. */
  protected take(name: string, data: unknown, ...offset: number[]): void {
    this.#latest.set(name, data);
    this.listeners.emit(name, data, ...offset);
  }

  /**
   * Reports an error to the listeners. Without listeners, it warns on the console in development.
   */
  protected tellOfError(error: PartyError, event?: string): void {
    if (this.listeners.emit("$error", error, event)) return;
    const what = event === undefined ? "A frame" : `The event "${event}"`;
    const text = `${what} was refused: ${error.message} Listen with room.onError().`;
    this.warnOnce(event, `${text} ${errorPage(error.code)}`, error);
  }

  /** Warns on the console, in development, once for each key. */
  protected warnOnce(key: string | undefined, ...details: unknown[]): void {
    if (this.#warnings.has(key) || !this.isInDevelopment) return;
    this.#warnings.add(key);
    // oxlint-disable-next-line no-console -- for the developer, and for nobody else
    console.warn(...details);
  }

  /** Ends all streams: no more events will arrive. */
  protected endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }
}

type Result<Data> = IteratorResult<Data, undefined>;

const DONE = { value: undefined, done: true } as const;

/**
 * The events of one name, for `for await`. A bounded buffer keeps them until the loop reads them.
 */
export class EventStream<Data> implements AsyncIterableIterator<Data, undefined> {
  readonly #maxBuffered: number;
  readonly #onEnd: () => void;
  #unread: Data[] = [];
  readonly #waiters: ((result: Result<Data>) => void)[] = [];
  #isOver = false;
  #failure: PartyError | undefined;

  /** @param onEnd called once, when the stream takes no more events. */
  constructor(maxBuffered: number, onEnd: () => void) {
    this.#maxBuffered = maxBuffered;
    this.#onEnd = onEnd;
  }

  /** Adds an event. An overflow ends the stream, because the loop could not notice a gap. */
  push(data: Data): void {
    const waiter = this.#waiters.shift();
    if (waiter) waiter({ value: data, done: false });
    else if (this.#unread.length < this.#maxBuffered) this.#unread.push(data);
    else {
      this.#failure = new PartyError("too_slow");
      this.end();
    }
  }

  /** Ends the stream. The loop can still read the buffer. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    for (const waiter of this.#waiters) waiter(DONE);
  }

  async next(): Promise<Result<Data>> {
    if (this.#unread.length > 0) return { value: this.#unread.shift() as Data, done: false };
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    return this.#isOver ? DONE : new Promise((resolve) => this.#waiters.push(resolve));
  }

  async return(): Promise<Result<Data>> {
    this.#unread = [];
    this.#failure = undefined;
    this.end();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
