import {
  type ErrorCode,
  MAX_REPLAY_LENGTH,
  PartyError,
  REPLAY_WITHIN_MS,
  withOffset,
} from "@partyflare/shared";
import type { RoomConnection } from "../connections/room-connection";
import { isInAudience } from "../outgoing/audience";
import type { EventLog } from "./event-log";

/** How often a reader that is behind is looked at, in ms. No platform tells when it has read. */
const LOOK_AGAIN_MS = 20;

/**
 * Sends connections what they have missed, in messages that a reader can take one after the other.
 * Until one has come to the end it is sent no durable event but by this.
 */
export class Replay {
  readonly #log: EventLog;
  readonly #running = new Set<RoomConnection>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  isRunning(connection: RoomConnection): boolean {
    return this.#running.has(connection);
  }

  /** Sends what follows an offset: at once, where it is no more than one message. */
  start(connection: RoomConnection, offset: number): void {
    const next = this.#sendSome(connection, offset);
    if (next >= this.#log.head) return;
    this.#running.add(connection);
    void this.#goOn(connection, next);
  }

  /** The timers keep the room awake, as long as the reader takes what it is sent. */
  async #goOn(connection: RoomConnection, start: number): Promise<void> {
    try {
      let offset = start;
      while (offset < this.#log.head && (await this.#hasRead(connection))) {
        offset = this.#sendSome(connection, offset);
      }
    } catch {
      // The storage has failed: the client comes back, and begins where this has ended.
      end(connection, "internal");
    }
    // In the same turn as the last look at the head: nothing slips between.
    this.#running.delete(connection);
  }

  async #hasRead(connection: RoomConnection): Promise<boolean> {
    const patienceEndsAtMs = Date.now() + REPLAY_WITHIN_MS;
    do {
      await scheduler.wait(LOOK_AGAIN_MS);
      if (!connection.isOpen) return false;
    } while (connection.isBehind && Date.now() < patienceEndsAtMs);
    if (!connection.isBehind) return true;
    end(connection, "too_slow");
    return false;
  }

  /** @returns the offset up to which all has been sent. */
  #sendSome(connection: RoomConnection, offset: number): number {
    const events = this.#log.after(offset, MAX_REPLAY_LENGTH);
    const frames = events
      .filter(({ audience }) => isInAudience(connection, audience))
      .map((event) => withOffset(event.frame, event.offset));
    if (connection.isFramed && frames.length > 0) connection.transmit(frames.join("\n"));
    return events.at(-1)?.offset ?? this.#log.head;
  }
}

function end(connection: RoomConnection, errorCode: ErrorCode): void {
  const { closeCode, code } = new PartyError(errorCode);
  connection.close(closeCode, code);
}
