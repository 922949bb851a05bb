import { isRetriedCloseCode } from "@partyflare/shared";
import { CLOSE_CODES } from "@partyflare/shared/internal";
import { backoffMs } from "./backoff";
import type { PartyCloseEvent } from "./close-event";
import type { PartySocketOptions } from "./options";

/**
 * How long the network may hold back an attempt that was dropped while it was connecting, in ms.
 * When it reaches the room in that time, it supersedes the connection that was made since.
 */
const LATE_ATTEMPT_MS = 15_000;

/** What decides whether a client reconnects, and how long it waits. */
export type RetryPolicyOptions = Pick<
  PartySocketOptions,
  | "backoff"
  | "maxReconnectionDelay"
  | "maxRetries"
  | "minReconnectionDelay"
  | "reconnectionDelayGrowFactor"
  | "shouldReconnectOnClose"
> & {
  /** Whether `token` can be asked for another one. */
  renewsToken: () => boolean;
  /** 0 ≤ number < 1. */
  random: () => number;
};

/** Decides whether to reconnect after an attempt or a connection has ended, and when. */
export class RetryPolicy {
  /** How many attempts or short-lived connections have come to nothing in a row. */
  failures = 0;
  readonly #options: RetryPolicyOptions;
  /** Whether a fresh token has been tried, and no connection has lasted since. */
  #hasRenewed = false;
  /** Until when a dropped attempt may supersede the connection, on the monotonic clock. */
  #lateUntilMs = -Infinity;

  constructor(options: RetryPolicyOptions) {
    this.#options = options;
  }

  /** The random wait before the next attempt, in ms. */
  get waitMs(): number {
    const {
      minReconnectionDelay: initialMs,
      maxReconnectionDelay: maxMs,
      reconnectionDelayGrowFactor: factor,
      backoff,
      random,
    } = this.#options;
    return backoffMs(this.failures, { initialMs, maxMs, factor, ...backoff }, random);
  }

  /** The app connects anew, or a connection has lasted: what failed before does not count. */
  reset(): void {
    this.failures = 0;
    this.#hasRenewed = false;
  }

  /** An attempt was dropped that the room may receive yet. */
  expectLate(): void {
    this.#lateUntilMs = performance.now() + LATE_ATTEMPT_MS;
  }

  /**
   * Counts a failure, and decides whether to reconnect. Throws what the app's function throws.
   *
   * @param retry what the room says. Default: what the close code means.
   */
  reconnectsAfter(close: PartyCloseEvent, retry = isRetriedCloseCode(close.code)): boolean {
    const { maxRetries = Infinity, shouldReconnectOnClose } = this.#options;
    this.failures += 1;
    const mayRetry = retry || this.#triesOnceMore(close.code);
    return mayRetry && this.failures <= maxRetries && (shouldReconnectOnClose?.(close) ?? true);
  }

  /** Whether the client reconnects after a close that is final otherwise, this once. */
  #triesOnceMore(closeCode: number): boolean {
    if (closeCode === CLOSE_CODES.unauthorized && !this.#hasRenewed) {
      // With another token.
      return (this.#hasRenewed = this.#options.renewsToken());
    }
    if (closeCode !== CLOSE_CODES.superseded) return false;
    // By an attempt of our own, perhaps. If by another tab, it is final the next time.
    const mayBeOurs = performance.now() < this.#lateUntilMs;
    this.#lateUntilMs = -Infinity;
    return mayBeOurs;
  }
}
