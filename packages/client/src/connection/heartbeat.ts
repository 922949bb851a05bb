import { PING_EVERY_MS, PONG_WITHIN_MS } from "@partyflare/shared";

/**
 * How long the answer to a probe may take. A probe follows the return of the network or the page,
 * when somebody looks at a connection that may be long gone.
 */
const PROBE_WITHIN_MS = 4_000;

/** By what part of itself the time between two pings varies, to either side. */
const SPREAD = 0.2;

/** A deadline that fires this much late, in ms, was not ours to judge by: the process was suspended. */
const LATE_MS = 1_000;

/** What a connection has not answered in time: a ping, a probe, or the last ping after a late timer. */
export type Silence = "ping" | "probe" | "last";

/** Heartbeat options. The times are for tests. */
export interface HeartbeatOptions {
  /** Sends a ping. */
  ping(): void;
  /** How many bytes the platform has not yet handed to the network. */
  unsentBytes(): number;
  /** Called once when the connection has not answered in time. */
  onSilence(asked: Silence): void;
  /** Called when the connection was in doubt, and has shown that it is alive. */
  onCertain?: (() => void) | undefined;
  /** 0 ≤ number < 1. */
  random: () => number;
  /** Default: 25 s. */
  pingEveryMs?: number | undefined;
  /** Default: 10 s. */
  pongWithinMs?: number | undefined;
  /** Default: 4 s. */
  probeWithinMs?: number | undefined;
}

/**
 * Finds out whether a connection is alive. The platform does not report a network that was left, or
 * a machine that lost its power: the only way to know is to ask.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #pingEveryMs: number;
  /** Of the next ping, or of the deadline of the answer to the last one. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** By when the answer to the last ping is due, on the monotonic clock; undefined without one. */
  #dueAtMs: number | undefined;
  /** When the connection was last heard of, on the wall clock; undefined while there is none. */
  #heardAtMs: number | undefined;
  /** Whether the connection may be dead, and nothing has been heard since. */
  #isDoubted = false;
  #unsentBytes = 0;
  /** Whether the network has taken bytes since the last ping. */
  #hasDrained = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#pingEveryMs = options.pingEveryMs ?? PING_EVERY_MS;
  }

  /**
   * Whether the connection may be dead: the network is gone, a probe is unanswered, or nothing was
   * heard for longer than two pings. The wall clock tells, since it goes on while a machine sleeps.
   * A silence that is found here is probed, so that the doubt comes to an end.
   */
  get isInDoubt(): boolean {
    if (this.#isSilent && !this.#isDoubted) this.probe();
    return this.#isDoubted;
  }

  get #isSilent(): boolean {
    return Date.now() - (this.#heardAtMs ?? Infinity) > 2 * this.#pingEveryMs;
  }

  /** A connection is open. */
  start(): void {
    this.stop();
    this.#heardAtMs = Date.now();
    this.#pingLater();
  }

  /** Something has arrived. */
  heard(): void {
    if (this.#heardAtMs === undefined) return;
    const wasDoubted = this.#isDoubted;
    this.#heardAtMs = Date.now();
    this.#isDoubted = false;
    if (this.#dueAtMs !== undefined) this.#pingLater();
    if (wasDoubted) this.#options.onCertain?.();
  }

  /** The network may be gone. An answer shows that it is not. */
  doubt(): void {
    if (this.#heardAtMs === undefined) return;
    this.#isDoubted = true;
    this.#options.ping();
  }

  /** Pings now, and expects an answer soon. */
  probe(): void {
    if (this.#heardAtMs === undefined) return;
    const { probeWithinMs = PROBE_WITHIN_MS } = this.#options;
    const wasDueAtMs = this.#dueAtMs ?? Infinity;
    this.#isDoubted = true;
    this.#ping(Math.min(performance.now() + probeWithinMs, wasDueAtMs), "probe");
  }

  /** Notes what the network has taken so far. Called before and after each message is sent. */
  measure(): void {
    const unsentBytes = this.#options.unsentBytes();
    if (unsentBytes < this.#unsentBytes) this.#hasDrained = true;
    this.#unsentBytes = unsentBytes;
  }

  /** There is no connection any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#heardAtMs = undefined;
    this.#dueAtMs = undefined;
    this.#isDoubted = false;
  }

  get #pongDueAtMs(): number {
    return performance.now() + (this.#options.pongWithinMs ?? PONG_WITHIN_MS);
  }

  #pingLater(): void {
    this.#dueAtMs = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#ping(this.#pongDueAtMs, "ping"),
      this.#pingEveryMs * (1 + SPREAD * (2 * this.#options.random() - 1)),
    );
  }

  #ping(dueAtMs: number, kind: Silence): void {
    this.#options.ping();
    this.#hasDrained = false;
    this.#await(dueAtMs, kind);
  }

  #await(dueAtMs: number, kind: Silence): void {
    this.#dueAtMs = dueAtMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#overdue(dueAtMs, kind), dueAtMs - performance.now());
  }

  #overdue(dueAtMs: number, kind: Silence): void {
    this.measure();
    if (this.#hasDrained) {
      // The answer comes behind our own upload, which is on its way.
      this.#hasDrained = false;
      this.#await(this.#pongDueAtMs, kind);
    } else if (performance.now() > dueAtMs + LATE_MS && kind !== "last") {
      this.#isDoubted = true;
      this.#ping(this.#pongDueAtMs, "last");
    } else {
      this.stop();
      this.#options.onSilence(kind);
    }
  }
}
