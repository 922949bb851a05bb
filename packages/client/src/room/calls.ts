import type {
  CallErrorOf,
  CallInput,
  CallName,
  CallOutput,
  Contract,
  DataArguments,
} from "@partyflare/shared";
import { PartyError } from "@partyflare/shared";
import {
  encodeCall,
  type Example,
  like,
  MAX_KEPT_CALLS,
  MAX_KEPT_CALLS_LENGTH,
  MAX_OPERATIONS,
  type WireOnce,
} from "@partyflare/shared/internal";
import { randomId } from "../connection/identity";
import type { ResumedBy } from "../connection/options";
import { LONGEST_TIMER_MS } from "../connection/backoff";
import type { LossError } from "../connection/status";
import type { ClientCapability } from "./capability";
import type { QueuedFrame, SendQueue } from "./send-queue";

const ONCE: Example<WireOnce> = { calls: [], since: "" };

/** Options of a call. */
export interface CallOptions {
  /**
   * The timeout for the answer, in ms, including the time in the queue. Default: 10,000. A call
   * that happens `once` has no default timeout, once the room has listed those calls.
   */
  timeoutMs?: number | undefined;
  /** Cancels the wait for the answer. The room's handler still runs. */
  signal?: AbortSignal | undefined;
}

/**
 * A promise with a type for its rejection: the parameter of `catch`'s function, and of `then`'s
 * second one. At runtime it is a plain promise.
 */
export interface TypedPromise<Value, Failure> extends Promise<Value> {
  // oxlint-disable-next-line unicorn/no-thenable -- every promise has it
  then<Next = Value, Caught = never>(
    onFulfilled?: ((value: Value) => Next | PromiseLike<Next>) | null,
    onRejected?: ((reason: Failure) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Next | Caught>;
  catch<Caught = never>(
    onRejected?: ((reason: Failure) => Caught | PromiseLike<Caught>) | null,
  ): Promise<Value | Caught>;
}

/** The parameters of `room.call` after the call's name. */
export type CallArguments<C extends Contract, Name extends CallName<C>> =
  [] extends DataArguments<CallInput<C, Name>>
    ? [input?: CallInput<C, Name>, options?: CallOptions]
    : [input: CallInput<C, Name>, options?: CallOptions];

/** A call that happens once, and that the previous page left unanswered. */
export type ResumedCall<C extends Contract> = {
  [Name in CallName<C>]: {
    readonly call: Name;
    /** The input, as it was decoded from JSON. */
    readonly input: CallInput<C, Name>;
    /** A promise of the answer. It rejects with `aborted` if the call belongs to another page. */
    readonly answer: TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  };
}[CallName<C>];

/**
 * The most calls that may be unanswered at once. A room answers them in turn. Each has a timer, and
 * Workers allow 10,000 timers at a time: this leaves half of them to the app.
 */
const MAX_CALLS = 5_000;

/** The parts of a room that calls need. */
export interface CallsHost {
  readonly queue: Pick<SendQueue, "flush" | "keep" | "remove">;
  /** Queues a call, or drops it if the room is closed. */
  send(call: QueuedFrame): void;
  /** Why there is no connection; undefined while there is one. */
  lastError(): LossError | undefined;
  /** Runs a function, and then what capabilities do at the end of a message. */
  turn(run: () => void): void;
  /** Called when the state that a reload must keep has changed. */
  onChange(): void;
}

/** A call without an answer. */
interface Call extends QueuedFrame {
  readonly id: number;
  readonly name: string;
  /** The input that the call was made with. */
  readonly input: unknown;
  /** The frame of a call that may be lost. A kept call is sent with more fields. */
  readonly plain: string;
  /** For a kept call: the id of its page, and its number there. */
  page?: string;
  number?: number;
  /** `WireOnce.since` when the call was first sent; undefined if it was never sent. */
  since?: string;
  isSent?: boolean;
  /** Whether the previous page made the call. */
  readonly isResumed?: boolean;
  /** What runs when the call ends. */
  readonly onEnd: ((isAnswered: boolean) => void)[];
  /** Waits for the answer without a timeout, unless the caller has set one. */
  waitOn(): void;
  reply(output: unknown): void;
  fail(error: PartyError): void;
}

/**
 * The unanswered calls, in the order in which they were made. Every room has this capability, for
 * the calls that happen once.
 */
export class Calls implements ClientCapability {
  readonly name = "once";
  readonly #host: CallsHost;
  readonly #calls = new Map<number, Call>();
  /**
   * The calls that happen once. They are kept, and sent again on every connection, until the room
   * has answered.
   */
  readonly #kept = new Set<Call>();
  #keptLength = 0;
  /**
   * This page's id. Numbers count within a page, so that two pages of one client do not share them.
   */
  readonly #page = randomId();
  #latest = 0;
  /** Undefined before the first `$hello`. */
  #once: WireOnce | undefined;
  /** Whether the next call has to wait until an earlier one is answered. */
  #isBlocked = false;
  /**
   * The next call's id. It is not reset on reconnect, so that a late answer cannot match another
   * call.
   */
  #nextId = 0;
  /** The ids of calls, by their promises. */
  readonly #ids = new WeakMap<PromiseLike<unknown>, number>();

  constructor(host: CallsHost) {
    this.#host = host;
  }

  /** The number of unanswered calls. */
  get size(): number {
    return this.#calls.size;
  }

  /** The unanswered calls, in the order in which they were made. */
  get unanswered(): Iterable<Call> {
    return this.#calls.values();
  }

  /** Whether the room has listed the calls that happen once. */
  get isGreeted(): boolean {
    return this.#once !== undefined;
  }

  /**
   * Calls the room. The promise rejects only with a PartyError.
   *
   * @param known identifies a call that the previous page has made.
   */
  start(
    name: string,
    input: unknown,
    { timeoutMs, signal }: CallOptions = {},
    known?: ResumedBy,
  ): Promise<unknown> {
    const id = this.#nextId++;
    const promise = new Promise((resolve, reject) => {
      if (this.#calls.size >= MAX_CALLS) throw new PartyError("rate_limited");
      const abort = () => call.fail(new PartyError("aborted", { cause: signal?.reason }));
      const plain = textOf(id, name, input);
      const end = (isAnswered: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#end(call, isAnswered);
      };
      const call: Call = {
        ...known,
        id,
        name,
        plain,
        message: plain,
        onEnd: [],
        get input() {
          return (JSON.parse(plain) as unknown[])[3];
        },
        prepare: () => !call.isKept || this.#prepare(call),
        onSent: () => {
          call.isSent = true;
          if (call.isKept) call.since ??= this.#once?.since;
          this.#host.onChange();
        },
        onDropped: () => call.fail(new PartyError("disconnected")),
        waitOn() {
          if (timeoutMs === undefined) clearTimeout(timer);
        },
        reply(output) {
          end(true);
          resolve(output);
        },
        fail(error) {
          end(false);
          reject(error);
        },
      };
      const timer = setTimeout(
        () => call.fail(this.#timeout()),
        Math.min(timeoutMs ?? 10_000, LONGEST_TIMER_MS),
      );
      this.#calls.set(id, call);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      if (this.#happensOnce(call) || call.number !== undefined) this.#keep(call);
      if (!this.#calls.has(id)) return;
      this.#host.send(call);
      this.#host.onChange();
    });
    this.#ids.set(promise, id);
    return promise;
  }

  /** See `ClientHost.whenSettled`. */
  whenSettled(promise: PromiseLike<unknown>, run: (isAnswered: boolean) => void): void {
    const call = this.#calls.get(this.#ids.get(promise) ?? -1);
    const as = (isAnswered: boolean) => () => run(isAnswered);
    if (call) call.onEnd.push(run);
    else promise.then(as(true), as(false));
  }

  /** Returns an unanswered call; undefined if the call has ended. */
  get(id: number): Pick<Call, "fail" | "reply"> | undefined {
    return this.#calls.get(id);
  }

  /** Handles the list of the calls that happen once, which is in `$hello`. */
  onHello(payload: unknown): void {
    this.#greet(like<WireOnce>(payload, ONCE));
  }

  /** Replaces the time since which the room remembers calls. */
  onFrame(payload: unknown): void {
    this.#once = like<WireOnce>(payload, ONCE);
  }

  /** Handles a `$hello` without that list: no call happens once. */
  onMissing(): void {
    this.#greet({ calls: [], since: "" });
  }

  /** Handles a lost connection. Calls that were sent and are not kept will not be answered. */
  disconnect(): void {
    this.#isBlocked = false;
    for (const call of this.#calls.values()) {
      if (call.isSent && !call.isKept) call.fail(new PartyError("disconnected"));
    }
  }

  /** Handles the final close: no call will be answered. */
  end(): void {
    for (const call of this.#calls.values()) call.fail(new PartyError("disconnected"));
  }

  /**
   * Keeps the calls that happen once from now on. A kept call that is not listed is rejected,
   * because it would never be answered.
   */
  #greet(once: WireOnce): void {
    this.#once = once;
    // Calls are numbered in the order of sending. A call that is kept only now may be sent before
    // others.
    for (const call of this.#kept) {
      if (call.page !== this.#page || call.since !== undefined) continue;
      call.number = undefined;
      this.#latest -= 1;
    }
    for (const call of this.#calls.values()) {
      if (this.#happensOnce(call)) this.#keep(call);
      else if (call.isKept || call.isResumed) {
        call.fail(new PartyError(call.since === undefined ? "unknown_call" : "unknown_outcome"));
      }
    }
  }

  #happensOnce({ name }: Call): boolean {
    return this.#once?.calls.includes(name) ?? false;
  }

  #keep(call: Call): void {
    if (!call.isKept) {
      if (call.isSent) return;
      call.waitOn();
      this.#keptLength += call.plain.length;
      this.#kept.add(call);
      this.#host.queue.keep(call);
      if (this.#kept.size > MAX_KEPT_CALLS || this.#keptLength > MAX_KEPT_CALLS_LENGTH) {
        return call.fail(new PartyError("rate_limited"));
      }
    }
    call.page ??= this.#page;
    call.number ??= ++this.#latest;
  }

  /** Sets the frame to send now. Returns false if the call has to wait for an earlier one. */
  #prepare(call: Call): boolean {
    const { id, name, input, number = 0, page = "", since = this.#once?.since ?? "" } = call;
    let oldest = number;
    for (const other of this.#kept) {
      if (other.page === page) oldest = Math.min(oldest, other.number ?? number);
    }
    // The room keeps this many results. So it does not delete a result before its call is answered.
    this.#isBlocked = number >= oldest + MAX_OPERATIONS;
    if (this.#isBlocked) return false;
    const operation = { page, number, oldest, since, repeat: call.since !== undefined };
    call.message = encodeCall({ id, name, input, operation });
    return true;
  }

  #end(call: Call, isAnswered: boolean): void {
    this.#calls.delete(call.id);
    this.#host.queue.remove(call);
    if (this.#kept.delete(call)) this.#keptLength -= call.plain.length;
    this.#host.onChange();
    if (this.#isBlocked) this.#host.queue.flush();
    this.#host.turn(() => call.onEnd.forEach((run) => run(isAnswered)));
  }

  #timeout(): PartyError {
    const cause = this.#host.lastError();
    if (!cause) return new PartyError("timeout");
    return new PartyError("timeout", { message: `No connection: ${cause.message}`, cause });
  }
}

/** Returns a call's frame. Throws a PartyError for data that JSON cannot hold. */
function textOf(id: number, name: string, input: unknown): string {
  try {
    return encodeCall({ id, name, input });
  } catch (cause) {
    throw new PartyError("invalid", { message: "Not JSON.", cause });
  }
}
