import { offeredProtocols, RAW_PROTOCOL, type FRAMED_PROTOCOL } from "@partyflare/shared";
import { backoffMs, DEFAULT_WINDOWS } from "./backoff";
import type { PartySocketOptions } from "./options";
import { Pause } from "./pause";
import { ask } from "./provider";
import { withQuery } from "./room-url";
import type { Connecting, Waiting } from "./status";

/** partysocket's own default. */
const DEFAULT_TIMEOUT_MS = 4_000;

/** partysocket's own default. */
const DEFAULT_UPTIME_MS = 5_000;

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
  | "minUptime"
> {
  id: string;
  key: string;
  /** What the connections speak. Default: raw. */
  subprotocol?: typeof FRAMED_PROTOCOL | typeof RAW_PROTOCOL;
  /** The source of the backoff's randomness: 0 ≤ number < 1. */
  random: () => number;
  /** Told when a wait begins, and when an attempt does. */
  onPhase?: (phase: Connecting | Waiting) => void;
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
  /** How many attempts or connections have come to nothing in a row. */
  #failures = 0;
  /** The wait before the next attempt; undefined until it is planned. */
  #delayMs: number | undefined = 0;
  /** When the connection opened, on the monotonic clock; undefined while there is none. */
  #openedAtMs: number | undefined;
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
   * @throws Error that names the option which failed or gave no answer; it is `failure` too.
   */
  async next(roomUrl: URL): Promise<Attempt> {
    this.#failure = undefined;
    if (this.#delayMs === undefined) this.plan();
    await this.#pause.wait(this.#isHeld ? Infinity : (this.#delayMs ?? 0));
    this.#delayMs = undefined;
    this.#options.onPhase?.({ state: "connecting", attempt: this.#failures });
    try {
      return await this.#prepare(roomUrl);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  /** Forgets why the latest attempt came to nothing, and returns it. */
  takeFailure(): Error | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** The attempt at hand has led to a connection. */
  opened(): void {
    this.#openedAtMs = performance.now();
  }

  /**
   * An attempt has failed or a connection has ended: decides how long to wait before the next.
   *
   * @param retryAfterMs what the room asks to wait at least.
   */
  plan(retryAfterMs = 0): void {
    const {
      minReconnectionDelay: firstMs = DEFAULT_WINDOWS.firstMs,
      maxReconnectionDelay: longestMs = DEFAULT_WINDOWS.longestMs,
      reconnectionDelayGrowFactor: growth = DEFAULT_WINDOWS.growth,
      minUptime = DEFAULT_UPTIME_MS,
      random,
      onPhase,
    } = this.#options;
    const hasLasted = performance.now() - (this.#openedAtMs ?? Infinity) >= minUptime;
    this.#openedAtMs = undefined;
    this.#failures = hasLasted ? 1 : this.#failures + 1;
    const attempt = this.#failures;
    this.#delayMs = retryAfterMs + backoffMs(attempt, { firstMs, longestMs, growth }, random);
    onPhase?.({ state: "waiting", attempt, retryAtMs: Date.now() + this.#delayMs });
  }

  /** Makes no attempt from here on until `restart` is called. */
  hold(): void {
    this.#isHeld = true;
    this.#pause.hold();
  }

  /** The next attempt is a first one again: its turn is now. */
  restart(): void {
    this.#isHeld = false;
    this.#failures = 0;
    this.#delayMs = 0;
    this.#pause.end();
  }

  async #prepare(roomUrl: URL): Promise<Attempt> {
    const {
      id,
      key,
      subprotocol = RAW_PROTOCOL,
      connectionTimeout = DEFAULT_TIMEOUT_MS,
    } = this.#options;
    const [query, token, protocols] = await Promise.all([
      ask("query", this.#options.query, connectionTimeout),
      ask("token", this.#options.token, connectionTimeout),
      ask("protocols", this.#options.protocols, connectionTimeout),
    ]);
    const ours = offeredProtocols(subprotocol, { key, token: token ?? undefined });
    return {
      url: withQuery(roomUrl, { ...query, _pk: id }).href,
      protocols: [...ours, ...[protocols ?? []].flat()],
    };
  }
}
