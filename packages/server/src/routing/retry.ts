/** Retry options, for a room that did not answer. */
export interface RetryOptions {
  /** The number of attempts in all. Default: 3. With 1 there is no retry. */
  attempts?: number;
  /**
   * The longest delay before the first retry, in milliseconds. It doubles with each retry. Default:
   * 100.
   */
  firstDelayMs?: number;
}

/** RFC 9110 §9.2.2: these methods are idempotent. None of them has a body. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Fetches from a room, and retries if the platform marks the error as retryable. Each attempt uses
 * a new stub, since a stub stays broken after an error. It never retries if the room is overloaded.
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 *
 * @param newStub makes a stub for each attempt.
 * @param random 0 ≤ number < 1, for full jitter.
 */
export async function fetchWithRetry(
  newStub: () => Pick<DurableObjectStub, "fetch">,
  request: Request,
  { attempts = 3, firstDelayMs = 100 }: RetryOptions = {},
  random: () => number = Math.random,
): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- attempts run one after the other
      return await newStub().fetch(request);
    } catch (error) {
      if (attempt >= attempts || !isWorthRepeating(request, error)) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await scheduler.wait(random() * firstDelayMs * 2 ** (attempt - 1));
    }
  }
}

/** Whether the platform has marked an error as overload. */
export function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}

function isWorthRepeating(request: Request, error: unknown): boolean {
  const isRetryable = error instanceof Error && "retryable" in error && error.retryable === true;
  return isRetryable && !isOverloaded(error) && REPEATABLE.has(request.method);
}
