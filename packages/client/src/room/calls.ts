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
  MAX_KEPT_CALLS,
  MAX_KEPT_CALLS_LENGTH,
  MAX_OPERATIONS,
  type WireOnce,
} from "@partyflare/shared/internal";
import { randomId } from "../connection/identity";
import type { ResumedBy } from "../connection/options";
import { LONGEST_TIMER_MS } from "../connection/backoff";
import type { LossError } from "../connection/status";
import type { QueuedFrame, SendQueue } from "./send-queue";

/** How long a call waits. */
export interface CallOptions {
  /**
   * For the answer, in ms, the time until it could be sent included. Default: 10,000; for a call that
   * happens `once` there is no end to it, as soon as the room has said which those are.
   */
  timeoutMs?: number | undefined;
  /** Ends the wait; the room's handler runs on. */
  signal?: AbortSignal | undefined;
}

/**
 * A promise whose rejection has a type: that of the parameter of `catch`'s function and of
 * `then`'s second one. It is a plain promise; only TypeScript knows more of it.
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

/** What `room.call` takes after the call's name. */
export type CallArguments<C extends Contract, Name extends CallName<C>> =
  [] extends DataArguments<CallInput<C, Name>>
    ? [input?: CallInput<C, Name>, options?: CallOptions]
    : [input: CallInput<C, Name>, options?: CallOptions];

/** A call that happens once, which the page before has made and had no answer to. */
export type ResumedCall<C extends Contract> = {
  [Name in CallName<C>]: {
    readonly call: Name;
    /** As JSON holds it. */
    readonly input: CallInput<C, Name>;
    /** Rejected with `aborted` where the call is another page's. */
    readonly answer: TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  };
}[CallName<C>];

/**
 * How many calls may wait for their answers at once. A room answers them in turn. Each has a timer,
 * and Workers allow 10,000 of these at a time: this leaves the app half of them.
 */
const MAX_CALLS = 5_000;

/** What calls need of their room. */
export interface CallsHost {
  readonly queue: Pick<SendQueue, "flush" | "keep" | "remove">;
  /** Queues a call, or drops it where the room is closed. */
  send(call: QueuedFrame): void;
  /** Why there is no connection; undefined while there is one. */
  lastError(): LossError | undefined;
  /** Called when what a reload has to keep is something else. */
  onChange(): void;
}

/** A call that is not answered yet. */
interface Call extends QueuedFrame {
  readonly id: number;
  readonly name: string;
  /** As it was when the call was made. */
  readonly input: unknown;
  /** As a call that may be lost; what is kept is sent with more. */
  readonly plain: string;
  /** Of a call that is kept: its page, and its number there. */
  page?: string;
  number?: number;
  /** `WireOnce.since`, as it was when it was sent first; undefined for one that never was. */
  since?: string;
  isSent?: boolean;
  /** Whether the page before this one has made it. */
  readonly isResumed?: boolean;
  /** Waits for the answer however long that takes, unless the caller has said for how long. */
  waitOn(): void;
  reply(output: unknown): void;
  fail(error: PartyError): void;
}

/** The calls that are not answered yet, in the order in which they were made. */
export class Calls {
  readonly #host: CallsHost;
  readonly #calls = new Map<number, Call>();
  /** Those that happen once: kept, and sent again, until the room has answered. */
  readonly #kept = new Set<Call>();
  #keptLength = 0;
  /** Numbers count within a page: another page of this client has others. */
  readonly #page = randomId();
  #latest = 0;
  /** Undefined before the first hello. */
  #once: WireOnce | undefined;
  /** Whether a call's turn has not come before an earlier one is answered. */
  #isBlocked = false;
  /** Counted on from connection to connection, so that no late answer finds another's call. */
  #nextId = 0;

  constructor(host: CallsHost) {
    this.#host = host;
  }

  /** How many there are. */
  get size(): number {
    return this.#calls.size;
  }

  /** In the order in which they were made. */
  get unanswered(): Iterable<Call> {
    return this.#calls.values();
  }

  /** Whether the room has told which calls happen once. */
  get isGreeted(): boolean {
    return this.#once !== undefined;
  }

  /**
   * Asks the room. The promise is rejected with a PartyError and nothing else.
   *
   * @param known of a call that the page before has made.
   */
  start(
    name: string,
    input: unknown,
    { timeoutMs, signal }: CallOptions = {},
    known?: ResumedBy,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#calls.size >= MAX_CALLS) throw new PartyError("rate_limited");
      const abort = () => call.fail(new PartyError("aborted", { cause: signal?.reason }));
      const id = this.#nextId++;
      const plain = textOf(id, name, input);
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#end(call);
      };
      const call: Call = {
        ...known,
        id,
        name,
        plain,
        message: plain,
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
          end();
          resolve(output);
        },
        fail(error) {
          end();
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
  }

  /** One of them; undefined for one that nobody waits for any more. */
  get(id: number): Pick<Call, "fail" | "reply"> | undefined {
    return this.#calls.get(id);
  }

  /**
   * The room has said hello, and which calls happen once: those are kept from now on. One that was
   * kept, and is not among them, would never be answered.
   */
  greet(once: WireOnce = { calls: [], since: "" }): void {
    this.#once = once;
    // Numbers go in the order of sending: one that is kept only now may lie before others.
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

  /** Since when the room remembers calls is another from now on. */
  renew(once: WireOnce): void {
    this.#once = once;
  }

  /** The connection is lost, and with it the answers to what was sent and is not kept. */
  disconnect(): void {
    this.#isBlocked = false;
    for (const call of this.#calls.values()) {
      if (call.isSent && !call.isKept) call.fail(new PartyError("disconnected"));
    }
  }

  /** There will be no connection: nothing will be answered. */
  end(): void {
    for (const call of this.#calls.values()) call.fail(new PartyError("disconnected"));
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

  /** Its frame as it is to be sent now, if it is its turn. */
  #prepare(call: Call): boolean {
    const { id, name, input, number = 0, page = "", since = this.#once?.since ?? "" } = call;
    let oldest = number;
    for (const other of this.#kept) {
      if (other.page === page) oldest = Math.min(oldest, other.number ?? number);
    }
    // The room keeps the results of so many: none is given up before its call is answered.
    this.#isBlocked = number >= oldest + MAX_OPERATIONS;
    if (this.#isBlocked) return false;
    const operation = { page, number, oldest, since, repeat: call.since !== undefined };
    call.message = encodeCall({ id, name, input, operation });
    return true;
  }

  #end(call: Call): void {
    this.#calls.delete(call.id);
    this.#host.queue.remove(call);
    if (this.#kept.delete(call)) this.#keptLength -= call.plain.length;
    this.#host.onChange();
    if (this.#isBlocked) this.#host.queue.flush();
  }

  #timeout(): PartyError {
    const cause = this.#host.lastError();
    if (!cause) return new PartyError("timeout");
    return new PartyError("timeout", { message: `No connection: ${cause.message}`, cause });
  }
}

/** A call's frame. Throws a PartyError for what JSON cannot hold. */
function textOf(id: number, name: string, input: unknown): string {
  try {
    return encodeCall({ id, name, input });
  } catch (cause) {
    throw new PartyError("invalid", { message: "Not JSON.", cause });
  }
}
