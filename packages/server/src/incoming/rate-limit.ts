import type { PartyError } from "@partyflare/shared";
import { MAX_DEBT_MS, mistake } from "@partyflare/shared/internal";
import type { Limits } from "../options";

/** The refusal of a message by the rate limit. */
export interface Refusal {
  /** Milliseconds to wait before a retry. */
  readonly retryAfterMs: number;
  /** Whether the debt has reached its maximum, so that the connection is closed. */
  readonly isOverdrawn: boolean;
}

/** The error for a client that exceeds its rate. */
export function rateLimited(refusal: Refusal | null): PartyError {
  return mistake("rate_limited", { retryAfterMs: refusal?.retryAfterMs });
}

/** The burst that stands for the messages of one second. */
const BURST_OF_ONE_SECOND = 0;

/** The fields of a connection that its rate limit needs. */
interface Sender {
  readonly socket: WebSocket;
  readonly client: string;
}

/** The limits that are counted over time. */
type Rates = Pick<Limits, "messagesPerSecond" | "messageBurst" | "bytesPerSecond">;

/**
 * The rate limits of a room's clients, by `connection.client`: a client keeps its debt after it
 * reconnects.
 */
export class RateLimits {
  readonly #rates: Rates;
  readonly #byClient = new Map<string, RateLimit>();
  /** The clients of sockets that have sent: the platform delivers messages even after a close. */
  readonly #clients = new WeakMap<WebSocket, string>();
  #lookForFullAt = LOOK_FOR_FULL_FROM;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** The number of clients with a stored rate limit. */
  get size(): number {
    return this.#byClient.size;
  }

  /** Counts a message. Returns null if it may pass. */
  take({ socket, client }: Sender, messages: number, bytes: number, nowMs: number): Refusal | null {
    if (!this.areCounted) return null;
    if (!this.#clients.has(socket)) this.#clients.set(socket, client);
    return this.#rateOf(client, nowMs).take(messages, bytes, nowMs);
  }

  /** Counts a message that was in flight when its connection closed. */
  takeLate(socket: WebSocket, bytes: number, nowMs: number): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) this.#rateOf(client, nowMs).take(1, bytes, nowMs);
  }

  /** Returns the refusal of a client that may not connect yet, otherwise null. */
  barred(client: string, nowMs: number): Refusal | null {
    const refusal = this.#byClient.get(client)?.take(0, 0, nowMs);
    return refusal?.isOverdrawn ? refusal : null;
  }

  /** Whether the room has a rate limit. */
  get areCounted(): boolean {
    return Math.min(this.#rates.messagesPerSecond, this.#rates.bytesPerSecond) < Infinity;
  }

  /**
   * One limit for each client, over all its connections. A full bucket that was deleted is created
   * again.
   */
  #rateOf(client: string, nowMs: number): RateLimit {
    const known = this.#byClient.get(client);
    if (known) return known;
    if (this.#byClient.size >= this.#lookForFullAt) this.#forgetFull(nowMs);
    const rate = new RateLimit(this.#rates, nowMs);
    this.#byClient.set(client, rate);
    return rate;
  }

  /**
   * Deletes full buckets, since a new one is the same. A scan reads all of them, so the next one
   * waits until their number has doubled.
   */
  #forgetFull(nowMs: number): void {
    for (const [client, rate] of this.#byClient) {
      if (rate.isFull(nowMs)) this.#byClient.delete(client);
    }
    this.#lookForFullAt = Math.max(LOOK_FOR_FULL_FROM, this.#byClient.size * 2);
  }
}

const LOOK_FOR_FULL_FROM = 64;

/**
 * The rate limit of one client, with a token bucket for its messages and one for their bytes.
 * Buckets refill over time, and an empty bucket refuses. A refused message costs tokens too. A
 * client that continues goes into debt; at a whole burst of debt its connection is closed.
 */
export class RateLimit {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(rates: Rates, nowMs: number) {
    this.#messages = new TokenBucket(rates.messagesPerSecond, rates.messageBurst, nowMs);
    this.#bytes = new TokenBucket(rates.bytesPerSecond, BURST_OF_ONE_SECOND, nowMs);
  }

  /** Counts a message. Returns null if it may pass. */
  take(messages: number, bytes: number, nowMs: number): Refusal | null {
    const retryAfterMs = Math.max(
      this.#messages.take(messages, nowMs),
      this.#bytes.take(bytes, nowMs),
    );
    if (retryAfterMs === 0) return null;
    const isOverdrawn = this.#messages.isOverdrawn || this.#bytes.isOverdrawn;
    return { retryAfterMs, isOverdrawn };
  }

  /** Whether both buckets are full. */
  isFull(nowMs: number): boolean {
    this.take(0, 0, nowMs);
    return this.#messages.isFull && this.#bytes.isFull;
  }
}

class TokenBucket {
  readonly #perSecond: number;
  readonly #size: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    // With a smaller bucket, no message could ever pass.
    this.#size = burst > 0 ? burst : Math.max(1, perSecond);
    this.#tokens = this.#size;
    this.#filledAtMs = nowMs;
  }

  get isOverdrawn(): boolean {
    return this.#tokens <= -this.#size;
  }

  get isFull(): boolean {
    return this.#tokens >= this.#size;
  }

  /** @returns milliseconds until there would have been enough tokens; 0 if there were. */
  take(cost: number, nowMs: number): number {
    if (this.#perSecond === Infinity) return 0;
    const gained = (Math.max(0, nowMs - this.#filledAtMs) / 1_000) * this.#perSecond;
    const most = Math.max(this.#size, this.#perSecond * (MAX_DEBT_MS / 1_000));
    this.#tokens = Math.max(-most, Math.min(this.#size, this.#tokens + gained) - cost);
    this.#filledAtMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1_000);
  }
}
