import { encodeClientFrame, PartyError, type WireOnce } from "@partyflare/shared";
import { OnceCalls } from "./once-calls";
import type { Delivery, Letter } from "./send-queue";
import { LONGEST_TIMER_MS } from "../connection/backoff";

/** How long a call waits. */
export interface CallOptions {
  /**
   * For the answer, in ms, the time until it could be sent included. Default: 10,000; for a call that
   * happens `once` there is no end to it, as soon as the room has said which those are.
   */
  timeoutMs?: number;
  /** Ends the wait; the room's handler runs on. */
  signal?: AbortSignal;
}

/** How many calls may wait for their answers at once. A room answers them in turn. */
const MAX_CALLS = 10_000;

/** Whoever sends: the room. */
export interface Post {
  send(letter: Letter): Delivery;
  /** Gives up what has not been sent. */
  takeBack(letter: Letter): void;
}

interface Call {
  readonly name: string;
  isSent: boolean;
  /** It is sent again until it is answered. It may be held for being sent already. */
  becomeOnce(isHeld: boolean): void;
  reply(output: unknown): void;
  fail(error: PartyError): void;
}

/** The calls that are not answered yet. */
export class Calls {
  readonly #post: Post;
  readonly #calls = new Map<number, Call>();
  readonly #once: OnceCalls;
  /** Counted on from connection to connection, so that no late answer finds another's call. */
  #nextId = 0;

  constructor(post: Post) {
    this.#post = post;
    this.#once = new OnceCalls(post);
  }

  /** Asks the room. The promise is rejected with a PartyError and nothing else. */
  start(name: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const { timeoutMs = 10_000, signal } = options;
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const letter: Letter = {
        message: encodeCall(id, name, input),
        onSent: () => (call.isSent = true),
        onDropped: () => call.fail(new PartyError("disconnected")),
      };
      const end = () => {
        this.#calls.delete(id);
        this.#once.remove(id);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        if (!call.isSent) this.#post.takeBack(letter);
      };
      const call: Call = {
        name,
        isSent: false,
        becomeOnce: (isHeld) => {
          if (options.timeoutMs === undefined) clearTimeout(timer);
          const added = this.#once.add(id, name, input, isHeld ? letter : undefined);
          if (!added) call.fail(new PartyError("rate_limited"));
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
      const abort = () => call.fail(new PartyError("aborted", { cause: signal?.reason }));
      const timer = setTimeout(
        () => call.fail(new PartyError("timeout")),
        Math.min(timeoutMs, LONGEST_TIMER_MS),
      );
      if (this.#calls.size >= MAX_CALLS) return call.fail(new PartyError("rate_limited"));
      this.#calls.set(id, call);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      if (this.#once.has(name)) call.becomeOnce(false);
      else this.#post.send(letter);
    });
  }

  /** The room has answered. An answer that nobody waits for any more is ignored. */
  reply(id: number, output: unknown): void {
    this.#calls.get(id)?.reply(output);
  }

  /** The room has refused. */
  fail(id: number, error: PartyError): void {
    this.#calls.get(id)?.fail(error);
  }

  /** The room has said hello, and which calls happen once: those are sent, and sent again. */
  greet(once: WireOnce | undefined): void {
    const held = [...this.#calls].filter(([, call]) => !call.isSent);
    this.#once.greet(once);
    for (const [id, call] of held) {
      if (this.#once.has(call.name) && !this.#once.keeps(id)) call.becomeOnce(true);
    }
  }

  /** Since when the room remembers calls is another from now on. */
  renew(once: WireOnce): void {
    this.#once.renew(once);
  }

  /** The connection is lost, and with it the answers to what was sent and does not happen once. */
  disconnect(): void {
    this.#once.disconnect();
    for (const [id, call] of this.#calls) {
      if (call.isSent && !this.#once.keeps(id)) call.fail(new PartyError("disconnected"));
    }
  }

  /** There will be no connection: nothing will be answered. */
  end(): void {
    for (const call of this.#calls.values()) call.fail(new PartyError("disconnected"));
  }
}

function encodeCall(id: number, name: string, input: unknown): string {
  try {
    return encodeClientFrame({ kind: "call", id, name, input });
  } catch (cause) {
    throw new PartyError("invalid", { message: "The input is not JSON.", cause });
  }
}
