import { LOOK_FOR_DEAD_EVERY_MS, TAKEN_WITHIN_MS } from "@partyflare/shared/internal";
import type { RoomConnection } from "./room-connection";

/** The parts of a registry that its death watch needs. */
interface WatchParts {
  readonly connections: () => Iterable<RoomConnection>;
  readonly size: () => number;
  /** The time of a connection's last ping, in milliseconds since 1970; null for never. */
  readonly pingedAtMs: (connection: RoomConnection) => number | null;
  readonly deadAfterMs: number;
  /** Whether to use a timer. A timer would keep a hibernating room in memory. */
  readonly mayWait: boolean;
}

/** The delay of a timer, in ms, that shows that the process was suspended. */
const LATE_MS = 5_000;

/** The shortest time between two checks by a timer, in ms. */
const LEAST_WAIT_MS = 1_000;

/**
 * The heartbeat timeout. It finds connections that have pinged, and then stayed silent for
 * `deadAfterMs`. Only time in which the room could receive counts. A room in memory checks by a
 * timer. A hibernating room checks when something happens in it.
 */
export class DeathWatch {
  readonly #parts: WatchParts;
  readonly #everyMs: number;
  #lookedAtMs = 0;
  /** Silence counts from here at the earliest: the process was suspended before. */
  #deafUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAtMs = Infinity;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#everyMs = Math.min(LOOK_FOR_DEAD_EVERY_MS, parts.deadAfterMs / 4);
  }

  /** Checks now and then, when something happens in the room. */
  look(): void {
    const nowMs = Date.now();
    // `Math.abs`, so that a clock that was set back does not stop the checks.
    if (Math.abs(nowMs - this.#lookedAtMs) < this.#everyMs) return;
    this.#lookAt(nowMs);
  }

  /** Starts the timer, since there is a connection to watch. */
  start(): void {
    if (!this.#parts.mayWait || this.#timer !== undefined) return;
    const nowMs = Date.now();
    const waitMs = Math.max(LEAST_WAIT_MS, this.#nextDeathMs(nowMs) - nowMs);
    this.#dueAtMs = nowMs + waitMs;
    this.#timer = setTimeout(() => this.#wake(), waitMs);
  }

  /** Stops the timer, since there is no connection left. */
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
    // The timer is late: the process was suspended, and pings are queued behind this check.
    if (nowMs - this.#dueAtMs > LATE_MS) this.#deafUntilMs = nowMs;
    const gone = [...this.#parts.connections()].filter(
      (connection) => connection.wasNeverTaken(nowMs) || this.#diesAtMs(connection) < nowMs,
    );
    for (const connection of gone) connection.vanish(this.#heardAtMs(connection) ?? -Infinity);
  }

  #nextDeathMs(nowMs: number): number {
    let nextMs = nowMs + this.#parts.deadAfterMs;
    for (const connection of this.#parts.connections()) {
      const atMs = connection.isTaken ? this.#diesAtMs(connection) : nowMs + TAKEN_WITHIN_MS;
      nextMs = Math.min(nextMs, atMs + 1);
    }
    return nextMs;
  }

  /** A connection that never pings does not time out: clients other than ours do not ping. */
  #diesAtMs(connection: RoomConnection): number {
    return (this.#heardAtMs(connection) ?? Infinity) + this.#parts.deadAfterMs;
  }

  /** When a connection was heard last, as far as the room could receive; null if it never pings. */
  #heardAtMs(connection: RoomConnection): number | null {
    const pingedAtMs = this.#parts.pingedAtMs(connection);
    if (pingedAtMs === null) return null;
    return Math.max(pingedAtMs, connection.seenAtMs ?? 0, this.#deafUntilMs);
  }
}
