import {
  offeredProtocols,
  PartyError,
  POSITION_PARAMETER,
  RAW_PROTOCOL,
  type FRAMED_PROTOCOL,
} from "@partyflare/shared";
import { backoffMs, DEFAULT_WINDOWS } from "./backoff";
import type { PartySocketOptions } from "./options";
import type { Identity } from "./identity";
import { Pause } from "./pause";
import { ask } from "./provider";
import { withQuery } from "./room-url";
import { type Connecting, type LossError, lossError, type Waiting } from "./status";

/** How long an attempt may take: partysocket's own default. */
export const DEFAULT_TIMEOUT_MS = 4_000;

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
  /** Who connects. Asked before every attempt. */
  identity: () => Identity | Promise<Identity>;
  /** How far the client has come among the room's durable events. */
  position?: () => string | undefined;
  /** What the connections speak. Default: raw. */
  subprotocol?: typeof FRAMED_PROTOCOL | typeof RAW_PROTOCOL;
  /** The source of the backoff's randomness: 0 ≤ number < 1. */
  random: () => number;
  /** Whether `token` can be asked for another one. Default: whether it is a function. */
  renewsToken?: () => boolean;
  /** Told when a wait begins, and when an attempt does. */
  onPhase?: (phase: Connecting | Waiting) => void;
}

/** How to go on after an attempt or a connection has come to nothing. */
export interface Comeback {
  /** What the room asks to wait at least. Default: 0. */
  retryAfterMs?: number;
  /** Whether to wait on our own account: `backoff`, the default, or for `nothing`. */
  waitFor?: "backoff" | "nothing";
}

/** When the next attempt's turn is. Times are on the monotonic clock, in ms. */
interface Turn {
  readonly dueAtMs: number;
  /** The room has asked not to be tried before. */
  readonly notBeforeMs: number;
  /** Why the latest attempt or connection came to nothing; undefined before there was any. */
  readonly error?: LossError;
}

const AT_ONCE: Turn = { dueAtMs: -Infinity, notBeforeMs: -Infinity };

/** RFC 6455 §7.4.1: closed without a Close frame. */
export const ABNORMAL_CLOSURE = 1006;

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
  /** The next attempt's; undefined until it is planned. */
  #turn: Turn | undefined = AT_ONCE;
  /** Whether a fresh token has been tried, and no connection has lasted since. */
  #hasRenewed = false;
  /** When the connection opened, on the monotonic clock; undefined while there is none. */
  #openedAtMs: number | undefined;
  #isHeld = false;
  #failure: LossError | undefined;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Why the attempt at hand came to nothing, where it did before there was a socket. */
  get failure(): LossError | undefined {
    return this.#failure;
  }

  /**
   * Waits for the next attempt's turn, and asks the options that are functions.
   *
   * @param roomUrl without a query.
   * @throws PartyError that names the option which failed or gave no answer; it is `failure` too.
   */
  async next(roomUrl: URL): Promise<Attempt> {
    this.#failure = undefined;
    const { dueAtMs } = this.#turn ?? this.plan(lossError(ABNORMAL_CLOSURE, ""));
    await this.#pause.wait(this.#isHeld ? Infinity : dueAtMs - performance.now());
    this.#turn = undefined;
    this.#options.onPhase?.({ state: "connecting", attempt: this.#failures });
    try {
      return await this.#prepare(roomUrl);
    } catch (error) {
      this.#failure = error instanceof PartyError ? error : unforeseen(error);
      this.plan(this.#failure);
      throw this.#failure;
    }
  }

  /** Forgets why the latest attempt came to nothing, and returns it. */
  takeFailure(): LossError | undefined {
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
   */
  plan(error: LossError, { retryAfterMs = 0, waitFor = "backoff" }: Comeback = {}): Turn {
    const {
      minReconnectionDelay: firstMs = DEFAULT_WINDOWS.firstMs,
      maxReconnectionDelay: longestMs = DEFAULT_WINDOWS.longestMs,
      reconnectionDelayGrowFactor: growth = DEFAULT_WINDOWS.growth,
      random,
    } = this.#options;
    this.#failures = this.#hasLasted ? 1 : this.#failures + 1;
    this.#openedAtMs = undefined;
    // Less than nothing is not to be asked for: it would take the backoff away.
    const notBeforeMs = performance.now() + Math.max(retryAfterMs, 0);
    const windows = { firstMs, longestMs, growth };
    const ownMs = waitFor === "nothing" ? 0 : backoffMs(this.#failures, windows, random);
    this.#turn = { dueAtMs: notBeforeMs + ownMs, notBeforeMs, error };
    this.#tellOf(error, this.#turn);
    return this.#turn;
  }

  /**
   * Something has changed for the better, such as the network: what waits for its turn waits no
   * longer than the room has asked for. The waits start afresh, which helps an attempt that is being
   * made, and was begun before.
   */
  hurry(): void {
    const nowMs = performance.now();
    const turn = this.#turn;
    if (!turn) this.#failures = 0;
    if (this.#isHeld || !turn?.error || turn.dueAtMs <= nowMs) return;
    this.#turn = { ...turn, dueAtMs: Math.max(turn.notBeforeMs, nowMs) };
    this.#pause.shorten(this.#turn.dueAtMs - nowMs);
    if (this.#turn.dueAtMs > nowMs) this.#tellOf(turn.error, this.#turn);
    else this.#failures = 0;
  }

  /**
   * The room does not take the token, or no longer: says whether to come back with a fresh one.
   * Once; and once more when a connection has lasted since.
   */
  takeRenewal(): boolean {
    const { token, renewsToken = () => typeof token === "function" } = this.#options;
    if (this.#hasLasted) this.#hasRenewed = false;
    if (this.#hasRenewed || !renewsToken()) return false;
    this.#hasRenewed = true;
    return true;
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
    this.#hasRenewed = false;
    this.#turn = AT_ONCE;
    this.#pause.end();
  }

  get #hasLasted(): boolean {
    const { minUptime = DEFAULT_UPTIME_MS } = this.#options;
    return performance.now() - (this.#openedAtMs ?? Infinity) >= minUptime;
  }

  #tellOf(error: LossError, { dueAtMs }: Turn): void {
    const retryAtMs = Date.now() + dueAtMs - performance.now();
    this.#options.onPhase?.({ state: "waiting", attempt: this.#failures, retryAtMs, error });
  }

  async #prepare(roomUrl: URL): Promise<Attempt> {
    const { subprotocol = RAW_PROTOCOL, connectionTimeout = DEFAULT_TIMEOUT_MS } = this.#options;
    const [{ id, key }, query, token, protocols] = await Promise.all([
      this.#options.identity(),
      ask("query", this.#options.query, connectionTimeout),
      ask("token", this.#options.token, connectionTimeout),
      ask("protocols", this.#options.protocols, connectionTimeout),
    ]);
    const ours = offeredProtocols(subprotocol, { key, token: token ?? undefined });
    return {
      url: withQuery(roomUrl, {
        ...query,
        _pk: id,
        [POSITION_PARAMETER]: this.#options.position?.(),
      }).href,
      protocols: [...ours, ...[protocols ?? []].flat()],
    };
  }
}

/** What an option gave that nothing can be made of. */
function unforeseen(cause: unknown): LossError {
  return new PartyError("disconnected", { message: String(cause), cause });
}
