import { MAX_DEBT_MS, PartyError } from "@partyflare/shared";
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
  return new PartyError("rate_limited", { retryAfterMs: refusal?.retryAfterMs });
}

/** A connection, as far as its rate is concerned. */
interface Sender {
  readonly socket: WebSocket;
  readonly id: string;
  readonly keyHash: string | null;
}

/** Which limits of a connection are counted over time. */
type Rates = Pick<Limits, "messagesPerSecond" | "messageBurst" | "bytesPerSecond" | "byteBurst">;

/**
 * What each client of a room has sent lately. Who comes back, by its key or else by its id, finds
 * the bucket it left: a new connection is no way out of a debt.
 */
export class RateLimits {
  readonly #rates: Rates;
  readonly #byClient = new Map<string, RateLimit>();
  readonly #bySocket = new WeakMap<WebSocket, RateLimit>();
  #lookForFullAt = LOOK_FOR_FULL_FROM;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#byClient.size;
  }

  /** May so much of this connection pass? Null if it may. */
  take(sender: Sender, messages: number, bytes: number, nowMs: number): Refusal | null {
    if (!this.#isNeeded) return null;
    const known = this.#bySocket.get(sender.socket);
    return (known ?? this.#meet(sender, nowMs)).take(messages, bytes, nowMs);
  }

  /** The platform goes on delivering what was on its way when a connection was closed: it costs, too. */
  takeLate(socket: WebSocket, bytes: number, nowMs: number): void {
    this.#bySocket.get(socket)?.take(1, bytes, nowMs);
  }

  /** Why this client may not come back yet, if so. */
  barred(client: Omit<Sender, "socket">, nowMs: number): Refusal | null {
    const refusal = this.#byClient.get(nameOf(client))?.take(0, 0, nowMs);
    return refusal?.isOverdrawn ? refusal : null;
  }

  get #isNeeded(): boolean {
    return Math.min(this.#rates.messagesPerSecond, this.#rates.bytesPerSecond) < Infinity;
  }

  #meet(sender: Sender, nowMs: number): RateLimit {
    const client = nameOf(sender);
    const rate = this.#byClient.get(client) ?? new RateLimit(this.#rates, nowMs);
    this.#byClient.set(client, rate);
    this.#bySocket.set(sender.socket, rate);
    if (this.#byClient.size >= this.#lookForFullAt) this.#forgetFull(nowMs);
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

/** Whoever knows another client's id may use it when it is free; its key, nobody knows. */
function nameOf({ id, keyHash }: Omit<Sender, "socket">): string {
  return keyHash === null ? `id ${id}` : `key ${keyHash}`;
}

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
    this.#bytes = new TokenBucket(rates.bytesPerSecond, rates.byteBurst, nowMs);
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
