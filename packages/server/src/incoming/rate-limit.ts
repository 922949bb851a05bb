import type { PartyError } from "@partyflare/shared";
import { MAX_DEBT_MS, mistake } from "@partyflare/shared/internal";
import type { Limits } from "../options";

/** Why a message may not pass. */
export interface Refusal {
  /** When to try again. */
  readonly retryAfterMs: number;
  /** Whether patience is at an end. */
  readonly isOverdrawn: boolean;
}

/** What a client that sends too much is told. */
export function rateLimited(refusal: Refusal | null): PartyError {
  return mistake("rate_limited", { retryAfterMs: refusal?.retryAfterMs });
}

/** The burst that stands for what one second allows. */
const BURST_OF_ONE_SECOND = 0;

/** A connection, as far as its rate is concerned. */
interface Sender {
  readonly socket: WebSocket;
  readonly client: string;
}

/** Which limits of a connection are counted over time. */
type Rates = Pick<Limits, "messagesPerSecond" | "messageBurst" | "bytesPerSecond">;

/**
 * What each client of a room has sent lately, by `connection.client`: a new connection does not
 * escape a debt.
 */
export class RateLimits {
  readonly #rates: Rates;
  readonly #byClient = new Map<string, RateLimit>();
  /** Of sockets that have been heard: the platform goes on delivering after a close. */
  readonly #clients = new WeakMap<WebSocket, string>();
  #lookForFullAt = LOOK_FOR_FULL_FROM;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#byClient.size;
  }

  /** May so much of this connection pass? Null if it may. */
  take({ socket, client }: Sender, messages: number, bytes: number, nowMs: number): Refusal | null {
    if (!this.areCounted) return null;
    if (!this.#clients.has(socket)) this.#clients.set(socket, client);
    return this.#rateOf(client, nowMs).take(messages, bytes, nowMs);
  }

  /** A message that was on its way when its connection was closed counts, too. */
  takeLate(socket: WebSocket, bytes: number, nowMs: number): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) this.#rateOf(client, nowMs).take(1, bytes, nowMs);
  }

  /** Why a client may not connect yet, if so. */
  barred(client: string, nowMs: number): Refusal | null {
    const refusal = this.#byClient.get(client)?.take(0, 0, nowMs);
    return refusal?.isOverdrawn ? refusal : null;
  }

  /** Whether the room has a rate at all. */
  get areCounted(): boolean {
    return Math.min(this.#rates.messagesPerSecond, this.#rates.bytesPerSecond) < Infinity;
  }

  /** One for each client, whatever its connections: a full one that was forgotten is made anew. */
  #rateOf(client: string, nowMs: number): RateLimit {
    const known = this.#byClient.get(client);
    if (known) return known;
    if (this.#byClient.size >= this.#lookForFullAt) this.#forgetFull(nowMs);
    const rate = new RateLimit(this.#rates, nowMs);
    this.#byClient.set(client, rate);
    return rate;
  }

  /** Full buckets are as good as new ones. Each look at all of them is paid for by as many clients. */
  #forgetFull(nowMs: number): void {
    for (const [client, rate] of this.#byClient) {
      if (rate.isFull(nowMs)) this.#byClient.delete(client);
    }
    this.#lookForFullAt = Math.max(LOOK_FOR_FULL_FROM, this.#byClient.size * 2);
  }
}

const LOOK_FOR_FULL_FROM = 64;

/**
 * Counts what a client sends. One bucket of tokens for its messages and one for their bytes,
 * refilled as time goes by: who finds one empty is refused. What is refused costs tokens too, so
 * that who goes on all the same sinks until a whole burst is owed, and is closed.
 */
export class RateLimit {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(rates: Rates, nowMs: number) {
    this.#messages = new TokenBucket(rates.messagesPerSecond, rates.messageBurst, nowMs);
    this.#bytes = new TokenBucket(rates.bytesPerSecond, BURST_OF_ONE_SECOND, nowMs);
  }

  /** May this pass? Null if it may. */
  take(messages: number, bytes: number, nowMs: number): Refusal | null {
    const retryAfterMs = Math.max(
      this.#messages.take(messages, nowMs),
      this.#bytes.take(bytes, nowMs),
    );
    if (retryAfterMs === 0) return null;
    const isOverdrawn = this.#messages.isOverdrawn || this.#bytes.isOverdrawn;
    return { retryAfterMs, isOverdrawn };
  }

  /** Whether nothing is left of what was taken. */
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
    // Less than one message could never pass.
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

  /** @returns milliseconds until there would have been enough; 0 where there was. */
  take(cost: number, nowMs: number): number {
    if (this.#perSecond === Infinity) return 0;
    const gained = (Math.max(0, nowMs - this.#filledAtMs) / 1_000) * this.#perSecond;
    const most = Math.max(this.#size, this.#perSecond * (MAX_DEBT_MS / 1_000));
    this.#tokens = Math.max(-most, Math.min(this.#size, this.#tokens + gained) - cost);
    this.#filledAtMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1_000);
  }
}
