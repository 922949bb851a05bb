import { isOverloaded } from "../../routing/retry";
import { reportOnce } from "../report";

/** What `onRetry` gets before each delay. */
export interface RoutingRetryEvent {
  error: unknown;
  /** The number of the attempt that failed, from 1. */
  attempt: number;
  maxAttempts: number;
  delayMs: number;
  /** The room's name, as it stands in the URL. */
  name: string;
  /** The name of the binding. */
  className?: string;
}

/** Retry options, for a room that did not answer. */
export interface RoutingRetryOptions {
  /** The number of attempts in all. Default: 3. */
  maxAttempts?: number;
  /** The longest first delay, in milliseconds. It doubles with each retry. Default: 100. */
  baseDelayMs?: number;
  /** The longest delay, in milliseconds. Default: 800. */
  maxDelayMs?: number;
  /** Runs before each delay. */
  onRetry?: (event: RoutingRetryEvent) => void | Promise<void>;
  /**
   * Whether to retry POST and other methods that may have taken effect already. Default: false.
   * partyserver retries every method.
   */
  anyMethod?: boolean;
}

/** The operation that may be retried. */
export interface RetriedOperation<Result> {
  readonly name: string;
  readonly className?: string;
  /** The method of its request; an RPC call has none, and may be repeated. */
  readonly method?: string;
  run(): Promise<Result>;
}

/** RFC 9110 §9.2.2: these methods are idempotent. None of them has a body. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Runs an operation on a room, and retries it if the platform marks the error as retryable. It
 * throws the last error.
 *
 * @param options false for no retry.
 * @throws RangeError for a wrong option.
 */
export async function withRoutingRetry<Result>(
  operation: RetriedOperation<Result>,
  options: false | RoutingRetryOptions = {},
): Promise<Result> {
  const retry = options || { maxAttempts: 1 };
  const { maxAttempts = 3, baseDelayMs = 100, maxDelayMs = 800, onRetry } = retry;
  check({ maxAttempts, baseDelayMs, maxDelayMs });
  for (let attempt = 1; ; attempt += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- attempts run one after the other
      return await operation.run();
    } catch (error) {
      if (attempt >= maxAttempts || !isRetryable(error)) throw error;
      if (!mayRepeat(operation, retry)) throw error;
      const delayMs = Math.floor(
        Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1)),
      );
      const { name, className } = operation;
      const event = { error, attempt, maxAttempts, delayMs, name };
      try {
        // oxlint-disable-next-line no-await-in-loop
        await onRetry?.(className === undefined ? event : { ...event, className });
      } catch (failure) {
        reportOnce(`routingRetry.onRetry has failed: ${String(failure)}`);
      }
      // oxlint-disable-next-line no-await-in-loop
      await scheduler.wait(delayMs);
    }
  }
}

function mayRepeat({ method }: RetriedOperation<unknown>, { anyMethod }: RoutingRetryOptions) {
  if (method === undefined || anyMethod || REPEATABLE.has(method)) return true;
  reportOnce(
    `a ${method} that failed was not repeated, since it may have taken effect. partyserver ` +
      "repeats it: so does `routingRetry: { anyMethod: true }`.",
  );
  return false;
}

/** A fake of a test may throw any object. */
function isRetryable(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    Reflect.get(error, "retryable") === true &&
    !isOverloaded(error)
  );
}

function check(options: { maxAttempts: number; baseDelayMs: number; maxDelayMs: number }): void {
  const { maxAttempts, baseDelayMs, maxDelayMs } = options;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new RangeError(`routingRetry.maxAttempts is a whole number from 1, not ${maxAttempts}.`);
  }
  for (const [name, value] of Object.entries({ baseDelayMs, maxDelayMs })) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(`routingRetry.${name} is a number above 0, not ${value}.`);
    }
  }
  if (baseDelayMs > maxDelayMs) {
    throw new RangeError("routingRetry.baseDelayMs is at most routingRetry.maxDelayMs.");
  }
}
