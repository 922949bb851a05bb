import { expect } from "vitest";

/**
 * Expects the error of a move that is not over in time. Where the machine is too slow to come as far
 * as that error tells, the move gets more time.
 */
export async function expectTimeout(
  expected: RegExp,
  move: (timeoutMs: number) => Promise<void>,
): Promise<void> {
  let text = "";
  for (const timeoutMs of [50, 1_000, 20_000]) {
    text = await move(timeoutMs).then(() => "No error.", String);
    if (expected.test(text)) break;
  }
  expect(text).toMatch(expected);
}
