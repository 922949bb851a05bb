import type { SendableMessage } from "@partyflare/shared";
import { PING_EVERY_MS, PONG_WITHIN_MS } from "@partyflare/shared/internal";

/**
 * How long the answer to a probe may take. A probe follows the return of the network or the page,
 * when somebody looks at a connection that may be long gone.
 */
const PROBE_WITHIN_MS = 4_000;

/** By what part of itself the time between two pings varies, to either side. */
const SPREAD = 0.2;

/** A deadline that fires this much late, in ms, was not ours to judge by: the process was suspended. */
const LATE_MS = 1_000;

/**
 * The slowest network that an upload is given time for, in bytes a millisecond: 128 kbit/s. The
 * platform counts bytes as sent when the kernel has them, which may be seconds before they leave.
 */
const SLOWEST_BYTES_PER_MS = 16;

/** The longest time that an upload is given, in ms: a connection may be dead behind it. */
const LONGEST_UPLOAD_MS = 30_000;

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

/** Makes the heartbeat of a socket: see `heartbeat`. */
export type HeartbeatFactory = (options: HeartbeatOptions) => Heartbeat;

/**
 * Heartbeats for a `PartySocket`, which an app that does not import them does not ship. `connect`
 * always sends them.
 *
 * @example
 * new PartySocket({ party: "my-party", room: "lobby", heartbeat: heartbeat() });
 */
export function heartbeat(): HeartbeatFactory {
  return (options) => new Heartbeat(options);
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
  /** Bytes that the platform has not handed to the network, when that was last looked at. */
  #unsentBytes = 0;
  /** When a slow network has taken what was sent, on the monotonic clock. */
  #drainedAtMs = 0;
  /** Of those, the ones that were sent before the last ping: its answer has to wait for them. */
  #bytesAhead = 0;
  /** Whether the network has taken some of these since that was last looked at. */
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
    this.#unsentBytes = 0;
    this.#drainedAtMs = 0;
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
    this.#isDoubted = true;
    this.#ping("probe", probeWithinMs, this.#dueAtMs);
  }

  /**
   * Notes what the network has taken so far. Called before and after each message is sent.
   *
   * @param message will be sent now.
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

  /** There is no connection any more. */
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

  /** An earlier question is given no more time by asking again. */
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
      // The answer comes behind our own upload, which is on its way.
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

/** In bytes, text as if it were ASCII. */
function sizeOf(message: SendableMessage | Blob): number {
  if (typeof message === "string") return message.length;
  return "size" in message ? message.size : message.byteLength;
}
