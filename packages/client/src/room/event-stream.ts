import { PartyError } from "@partyflare/shared";

type Waiter<Data> = (result: IteratorResult<Data, undefined>) => void;

/** The events of one name, for `for await`. They are kept, up to a bound, until they are read. */
export class EventStream<Data> implements AsyncIterableIterator<Data, undefined> {
  readonly #maxBuffered: number;
  readonly #onEnd: () => void;
  #unread: Data[] = [];
  #waiters: Waiter<Data>[] = [];
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
    if (waiter) return waiter({ value: data, done: false });
    if (this.#unread.length < this.#maxBuffered) {
      this.#unread.push(data);
      return;
    }
    this.#failure = new PartyError("too_slow");
    this.end();
  }

  /** There will be no more. What is unread can still be read. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    for (const waiter of this.#waiters) waiter({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<Data, undefined>> {
    if (this.#unread.length > 0) {
      return Promise.resolve({ value: this.#unread.shift() as Data, done: false });
    }
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  return(): Promise<IteratorResult<Data, undefined>> {
    this.#unread = [];
    this.#failure = undefined;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
