import { isThenable } from "@partyflare/shared/internal";

/** Steps that may be async: a generator that yields the promises it waits for. */
export type Steps<Result> = Generator<PromiseLike<unknown>, Result, unknown>;

/** Waits for a value within steps, if it is a promise. */
export function* wait<Value>(value: Value | PromiseLike<Value>): Steps<Value> {
  return isThenable(value) ? ((yield value) as Value) : value;
}

/**
 * Runs steps: synchronously while there is no promise, then asynchronously. Only this function
 * knows the difference; the steps read like synchronous code.
 */
export function settle<Result>(steps: Steps<Result>): Result | Promise<Result> {
  const { done, value } = steps.next();
  return done ? value : settleLater(steps, value);
}

/** A loop, not a chain: V8 walks a chain of promises for each error that is created in it. */
async function settleLater<Result>(
  steps: Steps<Result>,
  first: PromiseLike<unknown>,
): Promise<Result> {
  let next: IteratorResult<PromiseLike<unknown>, Result> = { done: false, value: first };
  while (!next.done) {
    let value: unknown;
    try {
      // oxlint-disable-next-line no-await-in-loop -- steps run one after the other
      value = await next.value;
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value);
  }
  return next.value;
}
