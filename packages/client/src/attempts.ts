import { offeredProtocols, RAW_PROTOCOL } from "@partyflare/shared";
import { backoffMs, DEFAULT_WINDOWS } from "./backoff";
import type { PartySocketOptions } from "./options";
import { Pause } from "./pause";
import { ask } from "./provider";
import { withQuery } from "./room-url";

/** partysocket's own default. */
const DEFAULT_TIMEOUT_MS = 4_000;

/** What a connection is attempted with. */
export interface Attempt {
  /** With its query. */
  url: string;
  /** The subprotocols to offer. */
  protocols: string[];
}

/** Who connects, and how patiently. */
export interface AttemptsOptions extends Pick<
  PartySocketOptions,
  | "query"
  | "token"
  | "protocols"
  | "connectionTimeout"
  | "minReconnectionDelay"
  | "maxReconnectionDelay"
  | "reconnectionDelayGrowFactor"
> {
  id: string;
  key: string;
  /** The source of the backoff's randomness: 0 ≤ number < 1. */
  random: () => number;
}

/**
 * The attempts to connect, one after another: when the next one is made, and with what.
 *
 * partysocket has waits of its own, which nothing can cut short. It is told to wait for nothing,
 * and gets each attempt's URL only when that attempt's turn has come.
 */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #pause = new Pause();
  #isFirst = true;
  #isHeld = false;
  #failure: Error | undefined;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Why the attempt at hand came to nothing, where it did before there was a socket. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /**
   * Waits for the next attempt's turn, and asks the options that are functions.
   *
   * @param roomUrl without a query.
   * @param retryCount how many attempts have followed the last connection that lasted.
   * @throws Error that names the option which failed or gave no answer; it is `failure` too.
   */
  async next(roomUrl: URL, retryCount: number): Promise<Attempt> {
    this.#failure = undefined;
    await this.#pause.wait(this.#isHeld ? Infinity : this.#delayMs(retryCount));
    try {
      return await this.#prepare(roomUrl);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      this.#isFirst = false;
    }
  }

  /** Forgets why the latest attempt came to nothing, and returns it. */
  takeFailure(): Error | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Makes no attempt from here on until `restart` is called. */
  hold(): void {
    this.#isHeld = true;
    this.#pause.hold();
  }

  /** The next attempt is a first one again: its turn is now. */
  restart(): void {
    this.#isHeld = false;
    this.#isFirst = true;
    this.#pause.end();
  }

  #delayMs(retryCount: number): number {
    const {
      minReconnectionDelay: firstMs = DEFAULT_WINDOWS.firstMs,
      maxReconnectionDelay: longestMs = DEFAULT_WINDOWS.longestMs,
      reconnectionDelayGrowFactor: growth = DEFAULT_WINDOWS.growth,
      random,
    } = this.#options;
    // partysocket counts from 0 again when it is told to reconnect in the middle of an attempt.
    const attempt = this.#isFirst ? 0 : Math.max(1, retryCount);
    return backoffMs(attempt, { firstMs, longestMs, growth }, random);
  }

  async #prepare(roomUrl: URL): Promise<Attempt> {
    const { id, key, connectionTimeout = DEFAULT_TIMEOUT_MS } = this.#options;
    const [query, token, protocols] = await Promise.all([
      ask("query", this.#options.query, connectionTimeout),
      ask("token", this.#options.token, connectionTimeout),
      ask("protocols", this.#options.protocols, connectionTimeout),
    ]);
    const ours = offeredProtocols(RAW_PROTOCOL, { key, token: token ?? undefined });
    return {
      url: withQuery(roomUrl, { ...query, _pk: id }).href,
      protocols: [...ours, ...[protocols ?? []].flat()],
    };
  }
}
