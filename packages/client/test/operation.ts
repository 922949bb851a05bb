import { expect } from "vitest";

/** What a client adds to a call that happens once, as its frame carries it. */
export interface SentOperation {
  readonly page: string;
  readonly number: number;
  readonly oldest: number;
  readonly since: string;
  readonly repeat?: true;
}

/** The operation that a frame is to carry, of any page; the oldest one is itself where nothing is said. */
export function operation(number: number, known: Partial<SentOperation> = {}): SentOperation {
  // A matcher is `any`, and stands for the text that it matches.
  const page: string = expect.stringMatching(/^[\w-]{16,32}$/);
  return { page, number, oldest: number, since: "e.0", ...known };
}
