import type { DurableScript } from "./durable-party";

/** What tells a `once` call from another: the last item of `["$call", id, name, input, operation]`. */
export interface WireOperation {
  readonly page: string;
  readonly number: number;
  readonly oldest: number;
  readonly since: string;
  readonly repeat?: true;
}

/** The operation of a client's first page, with nothing unanswered before it. */
export function operation(
  number: number,
  since: string,
  { page = "page", oldest = number, repeat }: Partial<WireOperation> = {},
): WireOperation {
  return { page, number, oldest, since, ...(repeat && { repeat }) };
}

/** A room that keeps text that is posted, and answers a number with a result of that length. */
export const KEEPS_OR_FILLS: DurableScript = {
  post(party, _from, input) {
    if (typeof input === "string") party.keep(input);
    return "x".repeat(Number(input) || 1);
  },
};
