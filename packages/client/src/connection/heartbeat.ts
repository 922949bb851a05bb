import { PING_EVERY_MS, PONG_WITHIN_MS } from "@partyflare/shared";

/**
 * How long the answer to a probe may take: one that is sent when the network or the page is back,
 * and somebody looks at a connection that may be long gone.
 */
const PROBE_WITHIN_MS = 4_000;

/** By what part of itself the time between two pings varies, to either side. */
const SPREAD = 0.2;

/** What a connection was asked for and did not give in time. */
export type Silence = "greeting" | "ping" | "probe";

/** Whose life it is, and how often to ask for a sign of it. Times are for tests. */
export interface LivenessOptions {
  /** Asks for a sign of life. */
  ping(): void;
  /** Called once when none has come. */
  onSilence(asked: Silence): void;
  /** 0 ≤ number < 1. */
  random: () => number;
  /** Default: 25 s. */
  pingEveryMs?: number;
  /** Default: 10 s. */
  pongWithinMs?: number;
  /** Default: 4 s. */
  probeWithinMs?: number;
}

/**
 * Whether a connection is alive. The platform does not tell when the other side is gone without a
 * word (a network that was left, a machine that lost its power): the only way to know is to ask.
 */
export class Liveness {
  readonly #options: LivenessOptions;
  #nextPing: Timer;
  #deadline: Timer;
  #greeting: Timer;
  /** What has been asked for and not been answered, with the time that it has. */
  #asked: { kind: Silence; untilMs: number } | undefined;
  #isRunning = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /**
   * A connection is open.
   *
   * @param greetingWithinMs where a first word is expected, the time in which `greeted` has to be
   *   called.
   */
  start(greetingWithinMs = Infinity): void {
    this.stop();
    this.#isRunning = true;
    this.#pingLater();
    if (greetingWithinMs === Infinity) return;
    this.#greeting = setTimeout(() => this.#end("greeting"), greetingWithinMs);
  }

  /** The first word has come. */
  greeted(): void {
    clearTimeout(this.#greeting);
  }

  /** Anything has come. */
  heard(): void {
    if (!this.#asked) return;
    this.#asked = undefined;
    clearTimeout(this.#deadline);
    this.#pingLater();
  }

  /** Asks now, and wants an answer soon. */
  probe(): void {
    if (this.#isRunning) this.#ask("probe", this.#options.probeWithinMs ?? PROBE_WITHIN_MS);
  }

  /** There is no connection any more. */
  stop(): void {
    this.#isRunning = false;
    this.#asked = undefined;
    clearTimeout(this.#nextPing);
    clearTimeout(this.#deadline);
    clearTimeout(this.#greeting);
  }

  #pingLater(): void {
    const { pingEveryMs = PING_EVERY_MS, pongWithinMs = PONG_WITHIN_MS, random } = this.#options;
    const waitMs = pingEveryMs * (1 + SPREAD * (2 * random() - 1));
    clearTimeout(this.#nextPing);
    this.#nextPing = setTimeout(() => this.#ask("ping", pongWithinMs), waitMs);
  }

  #ask(kind: Silence, withinMs: number): void {
    // What was asked earlier is not given more time by asking again.
    const untilMs = Math.min(performance.now() + withinMs, this.#asked?.untilMs ?? Infinity);
    this.#asked = { kind, untilMs };
    clearTimeout(this.#nextPing);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#end(kind), untilMs - performance.now());
    this.#options.ping();
  }

  #end(asked: Silence): void {
    this.stop();
    this.#options.onSilence(asked);
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;
