import type { Tools } from "./tools";

/** The real timers: a test may have replaced them, and `advance` moves the others. */
const { setTimeout, clearTimeout } = globalThis;
/** The real time of this process, in ms. */
export const realNow = performance.now.bind(performance);

/** How long a wait lasts without a test to end it, in ms: less than Vitest's default of 5 s. */
const DEFAULT_MS = 4_000;

/** The part of a test's timeout after which a wait gives up, so that it can tell what came. */
const PART = 0.9;

/** The least time of a wait in ms: its test may be almost over. */
const LEAST_MS = 250;

/** How often a wait looks without a change of its client, in ms. */
const LOOK_EVERY_MS = 10;

/** Options of every wait. */
export interface WaitOptions {
  /**
   * How long to wait, in ms. Default: until shortly before the test's own timeout, so that the wait
   * fails first and names what came.
   */
  timeoutMs?: number | undefined;
}

/** Returns after the running task, or after some time. */
export function tick(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Returns what a promise does. @throws Error with the text of `failure` if that takes too long. */
export async function within<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  failure: () => string,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(failure())), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long the waits of one test may last. */
export class Patience {
  readonly #endsAtMs: number | undefined;

  /** @param beganAtMs when the test began, by `realNow`. */
  constructor({ TestRunner }: Tools["vitest"], beganAtMs: number) {
    const timeoutMs = (TestRunner.getCurrentTest() as { timeout?: number } | undefined)?.timeout;
    // 0 and Infinity are tests without a timeout.
    if (timeoutMs && Number.isFinite(timeoutMs)) this.#endsAtMs = beganAtMs + timeoutMs * PART;
  }

  /** The time that is left, in ms. */
  get leftMs(): number {
    return this.#endsAtMs === undefined
      ? DEFAULT_MS
      : Math.max(LEAST_MS, this.#endsAtMs - realNow());
  }
}

/** The end of a move that has several steps. */
export class Deadline {
  /** How long the move may take, in whole ms. */
  readonly ms: number;
  readonly #endsAtMs: number;

  constructor(timeoutMs: number) {
    this.ms = Math.round(timeoutMs);
    this.#endsAtMs = realNow() + timeoutMs;
  }

  /** The time that is left, in ms. */
  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - realNow());
  }

  /** For the waits within a step: they last longer, so that the error is that of the step. */
  get waits(): WaitOptions {
    return { timeoutMs: this.leftMs + LEAST_MS };
  }

  /** Returns what a step does. @throws Error with the text of `failure` if the time is over. */
  step<Value>(step: Promise<Value>, failure: string): Promise<Value> {
    return within(step, this.leftMs, () => failure);
  }
}

/** The parts of a wait. */
interface Wait<Value> {
  /** Returns what is waited for; undefined while it has not come. An error ends the wait. */
  readonly look: () => Value | undefined;
  /** Calls a function whenever `look` may have another result. */
  readonly onChange?: (listener: () => void) => () => void;
  readonly timeoutMs: number;
  /** The error's text. */
  readonly failure: (timeoutMs: number) => string;
}

/**
 * Waits until there is something.
 *
 * @throws Error if it does not come in time, or what `look` throws.
 */
export function waitFor<Value>({
  look,
  onChange,
  timeoutMs,
  failure,
}: Wait<Value>): Promise<Value> {
  const endsAtMs = realNow() + timeoutMs;
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      if (timer !== undefined) clearTimeout(timer);
      try {
        const value = look();
        const leftMs = endsAtMs - realNow();
        if (value !== undefined) settle(() => resolve(value));
        else if (leftMs <= 0) throw new Error(failure(Math.round(timeoutMs)));
        else timer = setTimeout(check, Math.min(leftMs, LOOK_EVERY_MS));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const settle = (done: () => void) => {
      stop?.();
      done();
    };
    const stop = onChange?.(check);
    check();
  });
}
