import type { Limits } from "../options";

/** Whether a message may pass; if not, when to try again, and whether patience is at an end. */
export type Verdict = "pass" | "close" | { readonly retryAfterMs: number };

/** Which limits of a connection are counted over time. */
type Rates = Pick<Limits, "messagesPerSecond" | "messageBurst" | "bytesPerSecond" | "byteBurst">;

/**
 * Counts what a connection sends. One bucket of tokens for its messages and one for their bytes,
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

  /** Whether there is anything to count. */
  static isNeeded({ messagesPerSecond, bytesPerSecond }: Rates): boolean {
    return Math.min(messagesPerSecond, bytesPerSecond) < Infinity;
  }

  /** May this pass? */
  take(messages: number, bytes: number, nowMs: number): Verdict {
    const retryAfterMs = Math.max(
      this.#messages.take(messages, nowMs),
      this.#bytes.take(bytes, nowMs),
    );
    if (retryAfterMs === 0) return "pass";
    return this.#messages.isOverdrawn || this.#bytes.isOverdrawn ? "close" : { retryAfterMs };
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

  /** @returns milliseconds until there would have been enough; 0 where there was. */
  take(cost: number, nowMs: number): number {
    if (this.#perSecond === Infinity) return 0;
    const gained = (Math.max(0, nowMs - this.#filledAtMs) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#size, this.#tokens + gained) - cost;
    this.#filledAtMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1_000);
  }
}
