import {
  type Contract,
  PartyError,
  type ServerEvent,
  type ServerEventName,
} from "@partyflare/shared";
import type { Dropped } from "./dropped";
import { Emitter, type Stop } from "../connection/emitter";
import type { Recovery } from "./progress";
import type { RoomStatus } from "../connection/status";

/** How an event is sent. */
export interface EmitOptions {
  /**
   * Whether it is worth nothing later, such as where a pointer is. It is not queued while there is
   * no connection to take it: `emit` returns `dropped`, and `onDrop` does not tell of it. Default:
   * false.
   */
  volatile?: boolean | undefined;
}

/** What a room tells its listeners. */
export abstract class RoomEvents<C extends Contract> {
  /** Of events, by their names, and of the room itself, by names that no event has. */
  protected readonly listeners = new Emitter();
  readonly #latest = new Map<string, unknown>();
  readonly #streams = new Set<{ end(): void }>();
  /** The events whose refusal was warned of; undefined for what was no event. */
  readonly #warnedOf = new Set<string | undefined>();

  /** How the connection is. The same object until it changes. */
  abstract get status(): RoomStatus;

  /** Whether the room is on this machine or in a private network. */
  protected abstract get isInDevelopment(): boolean;

  /** Calls a function with every status from here on. */
  onStatus(listener: (status: RoomStatus) => void): Stop {
    return this.listeners.on("$status", (status: RoomStatus) => {
      // A listener before this one may have changed it again, and this one has been told.
      if (status === this.status) listener(status);
    });
  }

  /**
   * Calls a function with every event of a name. One that is durable comes once and in order,
   * whatever happens to the connection.
   *
   * @param listener is given the event's data, and for a durable event its offset too: its place
   *   among the room's durable events, counted from 1.
   */
  on<Name extends ServerEventName<C>>(
    event: Name,
    listener: (data: ServerEvent<C, Name>, offset?: number) => void,
  ): Stop {
    return this.listeners.on(event, listener);
  }

  /** The data of the latest event of a name; undefined before the first. */
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
   * The events of a name, for `for await`: those that arrive from here on. It ends when the loop is
   * left, and when the room closes for good; at once where it is closed.
   *
   * @param options `maxBuffered` is how many events are kept while the loop is busy. Default: 1,000.
   * @throws PartyError `too_slow`, from the loop, where there would have been more.
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
   * Calls a function when this client has come back to a room with durable events, before any of
   * them: whether all that it missed will follow.
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
   * Calls a function with what went wrong and ended nothing: an event that the room could not take
   * (`invalid`, with its `issues`; `unknown_event`), or a frame of the room's that could not be read
   * (`bad_frame`).
   *
   * @param listener is given the event's name too, where it was one.
   */
  onError(listener: (error: PartyError, event?: string) => void): Stop {
    return this.listeners.on("$error", listener);
  }

  /**
   * Calls a function with all that is given up and never sent: what is beyond the bounds of `queue`,
   * what was queued when the room closed, and what is given to a closed room. Volatile events are
   * given up without it.
   */
  onDrop(listener: (dropped: Dropped) => void): Stop {
    return this.listeners.on("$drop", listener);
  }

  /** An event has come, with its offset if it is durable. */
  protected take(name: string, data: unknown, ...offset: number[]): void {
    this.#latest.set(name, data);
    this.listeners.emit(name, data, ...offset);
  }

  /** Tells of an error; on the console, where nobody listens and this is development. */
  protected tellOfError(error: PartyError, event?: string): void {
    if (this.listeners.emit("$error", error, event)) return;
    if (this.#warnedOf.has(event) || !this.isInDevelopment) return;
    this.#warnedOf.add(event);
    const what = event === undefined ? "A frame" : `The event "${event}"`;
    // oxlint-disable-next-line no-console -- for the developer, and for nobody else
    console.warn(`${what} was refused: ${error.message} Listen with room.onError().`, error);
  }

  /** There will be no more events. */
  protected endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }
}

type Result<Data> = IteratorResult<Data, undefined>;

const DONE = { value: undefined, done: true } as const;

/** The events of one name, for `for await`. They are kept, up to a bound, until they are read. */
export class EventStream<Data> implements AsyncIterableIterator<Data, undefined> {
  readonly #maxBuffered: number;
  readonly #onEnd: () => void;
  #unread: Data[] = [];
  readonly #waiters: ((result: Result<Data>) => void)[] = [];
  #isOver = false;
  #failure: PartyError | undefined;

  /** @param onEnd called once, when nothing more is taken. */
  constructor(maxBuffered: number, onEnd: () => void) {
    this.#maxBuffered = maxBuffered;
    this.#onEnd = onEnd;
  }

  /** An event has arrived. One too many ends the stream: a gap could not be seen. */
  push(data: Data): void {
    const waiter = this.#waiters.shift();
    if (waiter) waiter({ value: data, done: false });
    else if (this.#unread.length < this.#maxBuffered) this.#unread.push(data);
    else {
      this.#failure = new PartyError("too_slow");
      this.end();
    }
  }

  /** There will be no more. What is unread can still be read. */
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
