/** What was asked for last. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs what moves the clock, or takes a room's memory, one after the other: each waits for all rooms
 * of the test, and would disturb another one.
 */
export function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  const result = last.then(run);
  last = result.catch(() => {});
  return result;
}

/** No room is left. The next test does not wait for what this one has left running. */
export function forgetTurns(): void {
  last = Promise.resolve();
}
