import { MAX_BATCH_LENGTH, MAX_HELD_WINDOWS } from "@partyflare/shared";
import { Pending } from "../connections/pending";
import type { RoomConnection } from "../connections/room-connection";
import type { Turn } from "../turn";

/**
 * Sends frames now, or, where a room has a window, what falls into one as one message a connection:
 * the price of a delivery is the message, not its bytes.
 *
 * A window begins with its first frame and ends by itself, once: nothing is left that would keep
 * the room awake. It ends earlier for a connection that is sent anything else, an answer or a
 * close, or that has waiting what fills a message.
 */
export class Batch {
  readonly #windowMs: number;
  readonly #turn: Turn;
  #start = Pending.start();
  #waiting: RoomConnection[] = [];
  /** Readers that are behind, with the windows that they have been given. */
  readonly #behind = new Map<RoomConnection, number>();
  #isRunning = false;

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
    if (this.#windowMs === 0 || !connection.isFramed || !connection.isOpen) {
      return connection.transmit(frame);
    }
    if (connection.expire()) return;
    if (!this.#turn.isInTransaction) return this.#append(connection, frame, latestBy);
    this.#turn.afterCommit(() => this.#append(connection, frame, latestBy));
  }

  #append(connection: RoomConnection, frame: string, latestBy?: string): void {
    if (!connection.pending) this.#waiting.push(connection);
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
    this.#waiting = [];
    this.#isRunning = false;
    this.#start = Pending.start();
    for (const connection of waiting) {
      if (connection.pending && this.#mayHold(connection, connection.pending)) {
        this.#keepWaiting(connection, connection.pending);
      } else {
        this.#behind.delete(connection);
        connection.flush();
      }
    }
  }

  /** A reader that is behind gets the newest later, and not what is stale by then. Not for ever. */
  #mayHold(connection: RoomConnection, pending: Pending): boolean {
    const windows = this.#behind.get(connection) ?? 0;
    return pending.canGoStale && windows < MAX_HELD_WINDOWS && connection.isBehind;
  }

  #keepWaiting(connection: RoomConnection, pending: Pending): void {
    this.#behind.set(connection, (this.#behind.get(connection) ?? 0) + 1);
    connection.append(pending.restarted(this.#start));
    this.#waiting.push(connection);
    this.#run();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#turn.later(() => this.#end(), this.#windowMs);
  }
}
