import { isRetriedCloseCode } from "@partyflare/shared";
import { CLOSE_CODES } from "@partyflare/shared/internal";
import { backoffMs } from "./backoff";
import type { Close } from "./close-event";
import type { SocketOptions } from "./wiring";

/**
 * How long the network may delay an attempt that was dropped while it was connecting, in ms. If the
 * attempt reaches the room in that time, it supersedes the newer connection.
 */
const LATE_ATTEMPT_MS = 15_000;

/** The options that decide whether a client reconnects, and after which wait. */
export type RetryPolicyOptions = Pick<
  SocketOptions,
  "backoff" | "maxRetries" | "shouldReconnectOnClose"
> & {
  /** Whether `token` can return another token. */
  renewsToken: () => boolean;
  /** 0 ≤ number < 1. */
  random: () => number;
};

/** Decides whether to reconnect after an attempt or a connection has ended, and when. */
export class RetryPolicy {
  /** The number of failed attempts and short-lived connections in a row. */
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
    const { backoff = {}, random } = this.#options;
    return backoffMs(this.failures, backoff, random);
  }

  /** Resets the failures, because the app reconnects or a connection has lasted. */
  reset(): void {
    this.failures = 0;
    this.#hasRenewed = false;
  }

  /** Records a dropped attempt that the room may still receive. */
  expectLate(): void {
    this.#lateUntilMs = performance.now() + LATE_ATTEMPT_MS;
  }

  /**
   * Counts a failure, and returns whether to reconnect. Throws the error of the app's function.
   *
   * @param retry the room's decision. Default: derived from the close code.
   */
  reconnectsAfter(close: Close, retry = isRetriedCloseCode(close.code)): boolean {
    const { maxRetries = Infinity, shouldReconnectOnClose } = this.#options;
    this.failures += 1;
    const mayRetry = retry || this.#triesOnceMore(close.code);
    return mayRetry && this.failures <= maxRetries && (shouldReconnectOnClose?.(close) ?? true);
  }

  /** Whether the client retries once after a close that is final otherwise. */
  #triesOnceMore(closeCode: number): boolean {
    if (closeCode === CLOSE_CODES.unauthorized && !this.#hasRenewed) {
      // The client retries with a fresh token.
      return (this.#hasRenewed = this.#options.renewsToken());
    }
    if (closeCode !== CLOSE_CODES.superseded) return false;
    // A delayed attempt of this client may have superseded the connection. If another tab did, the
    // next close is final.
    const mayBeOurs = performance.now() < this.#lateUntilMs;
    this.#lateUntilMs = -Infinity;
    return mayBeOurs;
  }
}
