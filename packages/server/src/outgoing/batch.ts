import { MAX_BATCH_LENGTH, MAX_HELD_WINDOWS } from "@partyflare/shared/internal";
import { Pending } from "../connections/pending";
import type { RoomConnection } from "../connections/room-connection";
import type { Turn } from "../turn";

/**
 * Sends frames: the first one to a connection at once, and those that follow within a window of the
 * room as one message at its end. The price of a delivery is the message, not its bytes.
 *
 * A window begins with a frame when none is open, or with what the one before it has kept waiting.
 * Until something waits nothing ends it but the clock: a timer is started for a frame that waits,
 * one for all of them, and none outlives its window. A message leaves earlier for a connection that
 * is sent anything else, an answer or a close, or that has waiting what fills it.
 */
export class Batch {
  #windowMs: number;
  readonly #turn: Turn;
  /** The number of the window. A connection remembers that of its last frame. */
  #window = 0;
  #beganAtMs = -Infinity;
  #start = Pending.start();
  #waiting = new Set<RoomConnection>();
  /** Readers that are behind, with the windows that they have been given. */
  readonly #behind = new Map<RoomConnection, number>();
  #hasTimer = false;

  /** @param windowMs 0 for no window: each frame is sent at once. */
  constructor(windowMs: number, turn: Turn) {
    this.#windowMs = windowMs;
    this.#turn = turn;
  }

  /**
   * Sends a frame in its turn. A raw connection gets each as a message of its own, at once.
   *
   * @param latestBy of frames with the same one that wait together, only the newest is sent.
   */
  send(connection: RoomConnection, frame: string, latestBy?: string): void {
    this.#look();
    this.#give(connection, frame, latestBy);
  }

  /** Sends a frame to many, as `send` does to one. */
  sendAll(connections: Iterable<RoomConnection>, frame: string, latestBy?: string): void {
    this.#look();
    for (const connection of connections) this.#give(connection, frame, latestBy);
  }

  /** Begins a window if the last one is over. The clock may have been put back. */
  #look(): void {
    if (this.#windowMs === 0 || this.#hasTimer) return;
    const nowMs = Date.now();
    if (Math.abs(nowMs - this.#beganAtMs) >= this.#windowMs) this.#begin(nowMs);
  }

  #give(connection: RoomConnection, frame: string, latestBy: string | undefined): void {
    if (this.#windowMs === 0 || !connection.isFramed || !connection.isOpen) {
      return connection.transmit(frame);
    }
    if (connection.expire()) return;
    if (this.#turn.isInTransaction) this.#takeLater(connection, frame, latestBy);
    else this.#take(connection, frame, latestBy);
  }

  /** Sends what waits, and from now on all at once: somebody else sends to the same connections. */
  retire(): void {
    this.#windowMs = 0;
    for (const connection of this.#waiting) this.#flush(connection);
  }

  /** In a function of its own: a closure costs a function that seldom makes it, too. */
  #takeLater(connection: RoomConnection, frame: string, latestBy: string | undefined): void {
    this.#turn.afterCommit(() => this.#take(connection, frame, latestBy));
  }

  #take(connection: RoomConnection, frame: string, latestBy: string | undefined): void {
    const isFirst = connection.window !== this.#window;
    connection.window = this.#window;
    // A reader that is behind may be spared this one.
    const mayWait = latestBy !== undefined && connection.isBehind;
    if (isFirst && !connection.pending && !mayWait) connection.sendNow(frame);
    else this.#append(connection, frame, latestBy);
  }

  #begin(nowMs: number): void {
    this.#window += 1;
    this.#beganAtMs = nowMs;
  }

  #append(connection: RoomConnection, frame: string, latestBy?: string): void {
    if (!connection.pending) this.#waiting.add(connection);
    const pending = (connection.pending ?? this.#start).plus(frame, latestBy);
    connection.append(pending);
    if (pending.length >= MAX_BATCH_LENGTH) this.#shorten(connection, pending);
    this.#run();
  }

  /** What fills a message is sent, unless half of it is stale. */
  #shorten(connection: RoomConnection, pending: Pending): void {
    const short = pending.canGoStale ? pending.restarted(this.#start) : pending;
    if (short.length < MAX_BATCH_LENGTH / 2) connection.append(short);
    else connection.flush();
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    this.#hasTimer = false;
    this.#start = Pending.start();
    this.#begin(Date.now());
    for (const connection of waiting) {
      if (connection.pending && this.#mayHold(connection, connection.pending)) {
        this.#keepWaiting(connection, connection.pending);
      } else {
        this.#behind.delete(connection);
        if (connection.pending) connection.window = this.#window;
        this.#flush(connection);
      }
    }
  }

  #flush(connection: RoomConnection): void {
    this.#turn.attempt(() => connection.flush());
  }

  /** A reader that is behind gets the newest later, and not what is stale by then. Not for ever. */
  #mayHold(connection: RoomConnection, pending: Pending): boolean {
    const windows = this.#behind.get(connection) ?? 0;
    return pending.canGoStale && windows < MAX_HELD_WINDOWS && connection.isBehind;
  }

  #keepWaiting(connection: RoomConnection, pending: Pending): void {
    this.#behind.set(connection, (this.#behind.get(connection) ?? 0) + 1);
    connection.append(pending.restarted(this.#start));
    this.#waiting.add(connection);
    this.#run();
  }

  #run(): void {
    if (this.#hasTimer) return;
    this.#hasTimer = true;
    const ranMs = Math.abs(Date.now() - this.#beganAtMs);
    this.#turn.later(() => this.#end(), this.#windowMs - ranMs);
  }
}
