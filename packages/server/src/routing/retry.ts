/** How often a room that did not answer is asked again. */
export interface RetryOptions {
  /** How often in all. Default: 3. 1 does not ask again. */
  attempts?: number;
  /** Longest wait before the second, in milliseconds. It doubles with each. Default: 100. */
  firstDelayMs?: number;
}

/** RFC 9110 §9.2.2: asking twice has the effect of asking once. And none of them has a body. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Fetches from a room, and again where the platform says that this may help: on a new stub, since
 * one that has failed stays broken, and never where the room is overloaded.
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
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other is the point
      return await newStub().fetch(request);
    } catch (error) {
      if (attempt >= attempts || !isWorthRepeating(request, error)) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await scheduler.wait(random() * firstDelayMs * 2 ** (attempt - 1));
    }
  }
}

/** Whether the platform has marked an error as one that it cannot serve at the moment. */
export function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}

function isWorthRepeating(request: Request, error: unknown): boolean {
  const isRetryable = error instanceof Error && "retryable" in error && error.retryable === true;
  return isRetryable && !isOverloaded(error) && REPEATABLE.has(request.method);
}
