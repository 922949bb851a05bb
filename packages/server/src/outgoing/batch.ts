import { MAX_BATCH_LENGTH, MAX_HELD_WINDOWS } from "@partyflare/shared/internal";
import { Pending } from "../connections/pending";
import type { RoomConnection } from "../connections/room-connection";
import type { Turn } from "../turn";

/**
 * Sends frames in batches. The first frame to a connection is sent at once. Frames that follow
 * within the room's window are queued, and sent as one message at its end. A delivery costs a
 * message, not its bytes.
 *
 * A window begins with a frame when none is open, or with the frames that the previous window has
 * queued. While nothing is queued, only the clock ends it. The first queued frame starts one timer
 * for all, and no timer outlives its window. A connection's queue is flushed earlier before an
 * answer or a close, or when it is full.
 */
export class Batch {
  #windowMs: number;
  readonly #turn: Turn;
  /** The number of the window. A connection stores the number of its last frame's window. */
  #window = 0;
  #beganAtMs = -Infinity;
  #start = Pending.start();
  #waiting = new Set<RoomConnection>();
  /** Slow readers, with the number of windows for which frames were held. */
  readonly #behind = new Map<RoomConnection, number>();
  #hasTimer = false;

  /** @param windowMs 0 for no window: each frame is sent at once. */
  constructor(windowMs: number, turn: Turn) {
    this.#windowMs = windowMs;
    this.#turn = turn;
  }

  /**
   * Sends a frame, at once or with the batch. A raw connection gets each frame as a message of its
   * own, at once.
   *
   * @param latestBy of queued frames with the same key, only the newest is sent.
   */
  send(connection: RoomConnection, frame: string, latestBy?: string): void {
    this.#look();
    this.#give(connection, frame, latestBy);
  }

  /** Sends a frame to many connections, like `send`. */
  sendAll(connections: Iterable<RoomConnection>, frame: string, latestBy?: string): void {
    this.#look();
    for (const connection of connections) this.#give(connection, frame, latestBy);
  }

  /** The length of a window in ms; 0 for none. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /** Queues a frame, so that it is sent with the next message, or at the end of the window. */
  queue(connection: RoomConnection, frame: string): void {
    if (!connection.isOpen || connection.expire()) return;
    this.#look();
    // However long it is: a message of its own would not be sent with the next.
    this.#put(connection, (connection.pending ?? this.#start).plus(frame));
  }

  /** Begins a window if the last one is over. The clock may have been set back. */
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

  /** Flushes the queue and stops batching: another room sends to the same connections now. */
  retire(): void {
    this.#windowMs = 0;
    for (const connection of this.#waiting) this.#flush(connection);
  }

  /** A function of its own: a closure makes its function slower, even if it is seldom created. */
  #takeLater(connection: RoomConnection, frame: string, latestBy: string | undefined): void {
    this.#turn.afterCommit(() => this.#take(connection, frame, latestBy));
  }

  #take(connection: RoomConnection, frame: string, latestBy: string | undefined): void {
    const isFirst = connection.window !== this.#window;
    connection.window = this.#window;
    // A slow reader may skip this frame if a newer one replaces it.
    const mayWait = latestBy !== undefined && connection.isBehind;
    if (isFirst && !connection.pending && !mayWait) connection.sendNow(frame);
    else this.#append(connection, frame, latestBy);
  }

  #begin(nowMs: number): void {
    this.#window += 1;
    this.#beganAtMs = nowMs;
  }

  #append(connection: RoomConnection, frame: string, latestBy?: string): void {
    const pending = (connection.pending ?? this.#start).plus(frame, latestBy);
    this.#put(connection, pending);
    if (pending.length >= MAX_BATCH_LENGTH) this.#shorten(connection, pending);
  }

  #put(connection: RoomConnection, pending: Pending): void {
    if (!connection.pending) this.#waiting.add(connection);
    connection.append(pending);
    this.#run();
  }

  /** Flushes a full message, unless half of it is stale. */
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

  /** Whether to hold replaceable frames of a slow reader, for a limited number of windows. */
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
