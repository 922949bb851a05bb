/** What the platform counts of a room, for the bill. */
export interface Usage {
  /** Requests that reach the room: WebSockets asked for, HTTP, alarms. */
  readonly requests: number;
  /** WebSocket messages received. Those sent are free, and so are automatic answers. */
  readonly messages: number;
  readonly rowsRead: number;
  /** Deletes and alarms that are set among them. */
  readonly rowsWritten: number;
  /** In memory, and not to be put to sleep. */
  readonly seconds: number;
}

/** What a usage comes to. */
export interface Bill {
  /** Received messages among them, 20 a request. */
  readonly requests: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly gigabyteSeconds: number;
  /** Of all of it, with nothing included. */
  readonly dollars: number;
}

export const NO_USAGE: Usage = {
  requests: 0,
  messages: 0,
  rowsRead: 0,
  rowsWritten: 0,
  seconds: 0,
};

/** Where the prices stand, and as of when: the day that the page itself gives for its last change. */
export const PRICES_URL = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
export const PRICES_AS_OF = "2026-06-19";

/** Of the Workers Paid plan, beyond what it includes, in dollars each. */
const PRICES = {
  request: 0.15 / 1_000_000,
  rowRead: 0.001 / 1_000_000,
  rowWritten: 1 / 1_000_000,
  gigabyteSecond: 12.5 / 1_000_000,
};

/** Footnote 2 there: received messages are billed 20 to 1. */
const MESSAGES_A_REQUEST = 20;

/** Footnote 5 there: 128 MB, whatever is used of them. */
const GIGABYTES = 0.128;

/** What a usage costs. Nothing is taken off for what the plan includes: it is the account's, not the room's. */
export function bill({ requests, messages, rowsRead, rowsWritten, seconds }: Usage): Bill {
  const billedRequests = requests + messages / MESSAGES_A_REQUEST;
  const gigabyteSeconds = seconds * GIGABYTES;
  const dollars =
    billedRequests * PRICES.request +
    rowsRead * PRICES.rowRead +
    rowsWritten * PRICES.rowWritten +
    gigabyteSeconds * PRICES.gigabyteSecond;
  return { requests: billedRequests, rowsRead, rowsWritten, gigabyteSeconds, dollars };
}

/** All of it together. */
export function sum(usages: readonly Usage[]): Usage {
  return usages.reduce((a, b) => combined(a, b, (one, other) => one + other), NO_USAGE);
}

/** The same, so many times. */
export function times(usage: Usage, count: number): Usage {
  return combined(usage, usage, (one) => one * count);
}

function combined(a: Usage, b: Usage, combine: (one: number, other: number) => number): Usage {
  return {
    requests: combine(a.requests, b.requests),
    messages: combine(a.messages, b.messages),
    rowsRead: combine(a.rowsRead, b.rowsRead),
    rowsWritten: combine(a.rowsWritten, b.rowsWritten),
    seconds: combine(a.seconds, b.seconds),
  };
}
