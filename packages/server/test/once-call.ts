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
