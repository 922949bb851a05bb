import { LOOK_FOR_DEAD_EVERY_MS, TAKEN_WITHIN_MS } from "@partyflare/shared/internal";
import type { RoomConnection } from "./room-connection";

/** What a death watch needs of its registry. */
interface WatchParts {
  readonly connections: () => Iterable<RoomConnection>;
  readonly size: () => number;
  /** When a connection pinged last, in milliseconds since 1970; null for never. */
  readonly pingedAtMs: (connection: RoomConnection) => number | null;
  readonly deadAfterMs: number;
  /** Whether a timer may be used: it would keep a room awake that could sleep. */
  readonly mayWait: boolean;
}

/** A timer that is later than this tells of a process that did not run, in ms. */
const LATE_MS = 5_000;

/** The shortest wait between two looks by a timer, in ms. */
const LEAST_WAIT_MS = 1_000;

/**
 * Finds connections whose peer is gone without a word: those that have pinged, and have been silent
 * for `deadAfterMs` of the time in which the room could have heard them. A room in memory looks by
 * a timer. One that may sleep looks when something happens in it.
 */
export class DeathWatch {
  readonly #parts: WatchParts;
  readonly #everyMs: number;
  #lookedAtMs = 0;
  /** Silence counts from here at the earliest: before, the process did not run. */
  #deafUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAtMs = Infinity;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#everyMs = Math.min(LOOK_FOR_DEAD_EVERY_MS, parts.deadAfterMs / 4);
  }

  /** Something happens in the room. Looks now and then. */
  look(): void {
    const nowMs = Date.now();
    // A clock that was put back must not end it.
    if (Math.abs(nowMs - this.#lookedAtMs) < this.#everyMs) return;
    this.#lookAt(nowMs);
  }

  /** There is a connection to watch. */
  start(): void {
    if (!this.#parts.mayWait || this.#timer !== undefined) return;
    const nowMs = Date.now();
    const waitMs = Math.max(LEAST_WAIT_MS, this.#nextDeathMs(nowMs) - nowMs);
    this.#dueAtMs = nowMs + waitMs;
    this.#timer = setTimeout(() => this.#wake(), waitMs);
  }

  /** There is none any more. */
  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueAtMs = Infinity;
  }

  #wake(): void {
    this.#timer = undefined;
    this.#lookAt(Date.now());
    if (this.#parts.size() > 0) this.start();
  }

  #lookAt(nowMs: number): void {
    this.#lookedAtMs = nowMs;
    // The timer is late: the process did not run, and pings wait behind whatever looks now.
    if (nowMs - this.#dueAtMs > LATE_MS) this.#deafUntilMs = nowMs;
    const gone = [...this.#parts.connections()].filter(
      (connection) => connection.wasNeverTaken(nowMs) || this.#diesAtMs(connection) < nowMs,
    );
    for (const connection of gone) connection.vanish();
  }

  #nextDeathMs(nowMs: number): number {
    let nextMs = nowMs + this.#parts.deadAfterMs;
    for (const connection of this.#parts.connections()) {
      const atMs = connection.isTaken ? this.#diesAtMs(connection) : nowMs + TAKEN_WITHIN_MS;
      nextMs = Math.min(nextMs, atMs + 1);
    }
    return nextMs;
  }

  /** A connection that never pings never dies: other clients than ours do not. */
  #diesAtMs(connection: RoomConnection): number {
    const pingedAtMs = this.#parts.pingedAtMs(connection);
    if (pingedAtMs === null) return Infinity;
    const heardAtMs = Math.max(pingedAtMs, connection.seenAtMs ?? 0, this.#deafUntilMs);
    return heardAtMs + this.#parts.deadAfterMs;
  }
}
