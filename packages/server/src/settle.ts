import { isThenable } from "@partyflare/shared/internal";

/** Steps that may have to wait: a generator that yields what it waits for. */
export type Steps<Result> = Generator<PromiseLike<unknown>, Result, unknown>;

/** Waits for a value in the middle of steps, where there is anything to wait for. */
export function* wait<Value>(value: Value | PromiseLike<Value>): Steps<Value> {
  return isThenable(value) ? ((yield value) as Value) : value;
}

/**
 * Runs steps: at once for as long as nothing has to be waited for, and then as a promise. It is the
 * one place that knows the difference; what it runs reads like synchronous code.
 */
export function settle<Result>(steps: Steps<Result>): Result | Promise<Result> {
  const { done, value } = steps.next();
  return done ? value : settleLater(steps, value);
}

/** A loop and no chain: V8 walks a chain of promises at each error that is created in it. */
async function settleLater<Result>(
  steps: Steps<Result>,
  first: PromiseLike<unknown>,
): Promise<Result> {
  let next: IteratorResult<PromiseLike<unknown>, Result> = { done: false, value: first };
  while (!next.done) {
    let value: unknown;
    try {
      // oxlint-disable-next-line no-await-in-loop -- one step after the other is the point
      value = await next.value;
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value);
  }
  return next.value;
}
