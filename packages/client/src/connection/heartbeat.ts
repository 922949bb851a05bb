import type { SendableMessage } from "@partyflare/shared";
import { PING_EVERY_MS, PONG_WITHIN_MS } from "@partyflare/shared/internal";

/**
 * The timeout of a probe. A probe follows the return of the network or the page: a user may be
 * looking at a connection that was lost long ago.
 */
const PROBE_WITHIN_MS = 4_000;

/** The random variation of the ping interval, as a fraction to either side. */
const SPREAD = 0.2;

/** A timer that fires this late, in ms, proves no timeout: the process was suspended. */
const LATE_MS = 1_000;

/**
 * The slowest upload that the timeout allows for, in bytes per ms: 128 kbit/s. The platform counts
 * bytes as sent when the kernel has them, which may be seconds before they leave.
 */
const SLOWEST_BYTES_PER_MS = 16;

/**
 * The most time that an upload adds to the timeout, in ms: the connection behind it may be dead.
 */
const LONGEST_UPLOAD_MS = 30_000;

/** The request that timed out: a ping, a probe, or the last ping after a late timer. */
export type Silence = "ping" | "probe" | "last";

/** Options of a heartbeat. Only tests set the times. */
export interface HeartbeatOptions {
  /** Sends a ping. */
  ping(): void;
  /** Returns the number of bytes that the platform has not yet handed to the network. */
  unsentBytes(): number;
  /** Called once when the connection has timed out. */
  onSilence(asked: Silence): void;
  /** Called when a connection in doubt has proved to be alive. */
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

/** Creates the heartbeat of a socket: see `heartbeat`. */
export type HeartbeatFactory = (options: HeartbeatOptions) => Heartbeat;

/**
 * Turns on heartbeats for a `PartySocket`. A bundle contains them only if the app imports this.
 * `connect` always sends them.
 *
 * @example
 * new PartySocket({ party: "my-party", room: "lobby", heartbeat: heartbeat() });
 */
export function heartbeat(): HeartbeatFactory {
  return (options) => new Heartbeat(options);
}

/**
 * Checks with pings whether a connection is alive. The platform does not report that a network was
 * left, or that a machine lost its power.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #pingEveryMs: number;
  /** The timer of the next ping, or of the last ping's timeout. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the last ping times out, on the monotonic clock; undefined without an unanswered ping. */
  #dueAtMs: number | undefined;
  /** When the last data arrived, on the wall clock; undefined without a connection. */
  #heardAtMs: number | undefined;
  /** Whether the connection may be dead, and nothing has arrived since. */
  #isDoubted = false;
  /** The bytes that the platform had not handed to the network at the last measurement. */
  #unsentBytes = 0;
  /** When a slow network will have taken the sent bytes, on the monotonic clock. */
  #drainedAtMs = 0;
  /**
   * The part of those bytes that was sent before the last ping. The answer has to wait for them.
   */
  #bytesAhead = 0;
  /** Whether the network has taken some of these bytes since the last measurement. */
  #hasDrained = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#pingEveryMs = options.pingEveryMs ?? PING_EVERY_MS;
  }

  /**
   * Whether the connection may be dead: the network is gone, a probe is unanswered, or nothing has
   * arrived for longer than two pings. The wall clock measures this, because it continues while a
   * machine sleeps. A silence that is found here starts a probe, so that the doubt ends.
   */
  get isInDoubt(): boolean {
    if (this.#isSilent && !this.#isDoubted) this.probe();
    return this.#isDoubted;
  }

  get #isSilent(): boolean {
    return Date.now() - (this.#heardAtMs ?? Infinity) > 2 * this.#pingEveryMs;
  }

  /** Starts the heartbeat of an open connection. */
  start(): void {
    this.stop();
    this.#heardAtMs = Date.now();
    this.#unsentBytes = 0;
    this.#drainedAtMs = 0;
    this.#pingLater();
  }

  /** Records that data has arrived. */
  heard(): void {
    if (this.#heardAtMs === undefined) return;
    const wasDoubted = this.#isDoubted;
    this.#heardAtMs = Date.now();
    this.#isDoubted = false;
    if (this.#dueAtMs !== undefined) this.#pingLater();
    if (wasDoubted) this.#options.onCertain?.();
  }

  /** Records that the network may be gone. An answer ends the doubt. */
  doubt(): void {
    if (this.#heardAtMs === undefined) return;
    this.#isDoubted = true;
    this.#options.ping();
  }

  /** Pings now, with a short timeout. */
  probe(): void {
    if (this.#heardAtMs === undefined) return;
    const { probeWithinMs = PROBE_WITHIN_MS } = this.#options;
    this.#isDoubted = true;
    this.#ping("probe", probeWithinMs, this.#dueAtMs);
  }

  /**
   * Measures the bytes that the network has taken. Called before and after each message is sent.
   *
   * @param message the message to be sent now.
   */
  measure(message: SendableMessage | Blob = ""): void {
    const takenBytes = this.#unsentBytes - this.#options.unsentBytes();
    this.#unsentBytes -= takenBytes;
    const nowMs = performance.now();
    const drainedAtMs = Math.max(this.#drainedAtMs, nowMs) + sizeOf(message) / SLOWEST_BYTES_PER_MS;
    this.#drainedAtMs = Math.min(drainedAtMs, nowMs + LONGEST_UPLOAD_MS);
    if (takenBytes <= 0 || this.#bytesAhead <= 0) return;
    this.#bytesAhead -= takenBytes;
    this.#hasDrained = true;
  }

  /** Stops the heartbeat when the connection has ended. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#heardAtMs = undefined;
    this.#dueAtMs = undefined;
    this.#isDoubted = false;
  }

  get #pongWithinMs(): number {
    return this.#options.pongWithinMs ?? PONG_WITHIN_MS;
  }

  #pingLater(): void {
    this.#dueAtMs = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#ping("ping", this.#pongWithinMs),
      this.#pingEveryMs * (1 + SPREAD * (2 * this.#options.random() - 1)),
    );
  }

  /** A new ping does not extend the timeout of an earlier one. */
  #ping(kind: Silence, withinMs: number, notAfterMs = Infinity): void {
    this.measure();
    this.#bytesAhead = this.#unsentBytes;
    this.#hasDrained = false;
    const dueAtMs = Math.min(this.#drainedAtMs + withinMs, notAfterMs);
    this.#options.ping();
    this.#await(kind, dueAtMs);
  }

  #await(kind: Silence, dueAtMs: number): void {
    this.#dueAtMs = dueAtMs;
    clearTimeout(this.#timer);
    // Node warns of a wait below 0.
    const waitMs = Math.max(0, dueAtMs - performance.now());
    this.#timer = setTimeout(() => this.#overdue(kind, dueAtMs), waitMs);
  }

  #overdue(kind: Silence, dueAtMs: number): void {
    const nowMs = performance.now();
    this.measure();
    if (this.#hasDrained) {
      // The pong has to wait for the client's own upload, which is making progress.
      this.#hasDrained = false;
      this.#await(kind, nowMs + this.#pongWithinMs);
    } else if (nowMs > dueAtMs + LATE_MS && kind !== "last") {
      this.#isDoubted = true;
      this.#ping("last", this.#pongWithinMs);
    } else {
      this.stop();
      this.#options.onSilence(kind);
    }
  }
}

/** Returns the size in bytes, of text as if it were ASCII. */
function sizeOf(message: SendableMessage | Blob): number {
  if (typeof message === "string") return message.length;
  return "size" in message ? message.size : message.byteLength;
}
