import { type Contract, isPartyError, PartyError } from "@partyflare/shared";
import {
  type CapabilityHolder,
  type ClientCapability,
  type ClientHost,
  holdCapabilities,
} from "../src/room/capability";
import type { Room } from "../src/room/room";

/** A call of the app whose answer a test makes up. */
export interface FakeCall {
  readonly promise: Promise<unknown>;
  reply(output?: unknown): void;
  fail(error?: Error): void;
}

/** A room that only has one capability. A test sends what its server would send. */
export class CapabilityHost<C extends Contract, Sent = unknown> {
  readonly room = {} as Room<C>;
  readonly sent: Sent[] = [];
  readonly errors: PartyError[] = [];
  /** The names of the capabilities that the client has asked for. */
  readonly asked: string[] = [];
  /** Whether frames can be sent now. */
  isWritable = true;
  #isReady = false;
  #capability: ClientCapability | undefined;
  /** What runs at the end of the message; undefined between messages. */
  #after: Set<() => void> | undefined;
  /** What runs when a call ends, before its caller continues. */
  readonly #ends = new Map<PromiseLike<unknown>, ((isAnswered: boolean) => void)[]>();

  constructor() {
    const holder: CapabilityHolder = {
      use: (name, make) => {
        this.asked.push(name);
        this.#capability ??= make(this.#host);
        return this.#capability as ReturnType<typeof make>;
      },
    };
    holdCapabilities(this.room, holder);
  }

  /** What the capability would ask for in an upgrade. */
  get position(): string | undefined {
    return this.#capability?.asks?.();
  }

  hello(part: unknown): void {
    this.message(() => {
      this.#isReady = true;
      this.#run(() => this.#capability!.onHello?.(asSent(part)));
      this.#run(() => this.#capability!.afterHello?.(asSent(part)));
    });
  }

  /** Sends frames in one message. */
  send(...frames: unknown[]): void {
    this.message(() => {
      for (const frame of frames) this.#run(() => this.#capability!.onFrame?.(asSent(frame)));
    });
  }

  /** Handles one message, of frames and answers. */
  message(handle: () => void): void {
    if (this.#after) return handle();
    const after = (this.#after = new Set());
    handle();
    this.#after = undefined;
    for (const run of after) run();
  }

  /** The app calls the room. */
  call(): FakeCall {
    let settle: { resolve(output: unknown): void; reject(error: Error): void };
    const promise = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
    // The app of a test need not listen.
    promise.catch(() => {});
    const ends: ((isAnswered: boolean) => void)[] = [];
    this.#ends.set(promise, ends);
    const end = (isAnswered: boolean) => {
      this.#ends.delete(promise);
      this.message(() => ends.forEach((run) => run(isAnswered)));
    };
    return {
      promise,
      reply(output) {
        end(true);
        settle.resolve(output);
      },
      fail(error = new PartyError("timeout")) {
        end(false);
        settle.reject(error);
      },
    };
  }

  /** The room has dropped a frame above its rate. */
  drop(retryAfterMs: number): void {
    this.#run(() =>
      this.#capability!.onRefused?.(new PartyError("rate_limited", { retryAfterMs })),
    );
  }

  lose(): void {
    this.message(() => {
      this.#isReady = false;
      this.#run(() => this.#capability!.onLost?.());
    });
  }

  close(): void {
    this.message(() => {
      this.lose();
      this.#run(() => this.#capability!.onClosed?.());
    });
  }

  get #host(): ClientHost {
    const isReady = () => this.#isReady;
    return {
      id: "mine",
      ping: () => {},
      afterMessage: (run) => (this.#after ? void this.#after.add(run) : run()),
      whenSettled: (promise, run) => {
        const ends = this.#ends.get(promise);
        if (ends) ends.push(run);
        else
          promise.then(
            () => run(true),
            () => run(false),
          );
      },
      get isReady() {
        return isReady();
      },
      send: (payload) => {
        if (!this.isWritable || !isReady()) return "dropped";
        this.sent.push(asSent(payload) as Sent);
        return "sent";
      },
      call: () => Promise.reject(new Error("It calls nothing.")),
      error: (error: PartyError) => void this.errors.push(error),
    };
  }

  #run(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!isPartyError(error)) throw error;
      this.errors.push(error as PartyError);
    }
  }
}

/** What arrives of a value, which is a copy. */
function asSent(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
