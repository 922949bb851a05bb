import { type ErrorCode, PartyError } from "@partyflare/shared";
import {
  durableFrame,
  MAX_HISTORY_PAGE,
  MAX_REPLAY_BYTES,
  REPLAY_WITHIN_MS,
} from "@partyflare/shared/internal";
import { isInAudience, type RoomConnection } from "../capability";
import type { EventRing } from "./event-ring";
import type { StoredEvent } from "./ring-table";

/** The interval at which a slow reader is polled, in ms. No platform has an event for it. */
const LOOK_AGAIN_MS = 20;

/** The start of a connection's events. */
export interface Start {
  readonly offset: number;
  /** Whether the room promised the client all missed events. */
  readonly isResumed: boolean;
}

/** A running replay to one connection. */
interface Run {
  /** All events up to this offset have been sent. */
  offset: number;
}

/** The start that a resumed connection was promised, and the tags that selected its events. */
interface Resumed {
  readonly from: number;
  readonly tags: readonly string[];
}

/**
 * Replays missed events to connections, in messages of limited size. A connection gets durable
 * events only from its replay until that has ended.
 */
export class Replay {
  readonly #ring: EventRing;
  /** Tells a connection that it may have missed any event up to the head. */
  readonly #tellLost: (connection: RoomConnection) => void;
  readonly #running = new Map<RoomConnection, Run>();
  readonly #resumed = new WeakMap<RoomConnection, Resumed>();

  constructor(ring: EventRing, tellLost: (connection: RoomConnection) => void) {
    this.#ring = ring;
    this.#tellLost = tellLost;
  }

  isRunning(connection: RoomConnection): boolean {
    return this.#running.has(connection);
  }

  /** Starts a replay. It ends at once if one message holds all events. */
  start(connection: RoomConnection, { offset, isResumed }: Start): void {
    const run: Run = { offset };
    this.#running.set(connection, run);
    const { tags } = connection;
    this.#sendSome(connection, run);
    if (isResumed) this.#resumed.set(connection, { from: offset, tags });
    if (this.#isRunning(connection, run)) void this.#continue(connection, run);
  }

  /** Ends all replays, since a new epoch has begun. */
  endAll(): void {
    this.#running.clear();
  }

  /**
   * Checks a connection whose tags change in its `onConnect`. If its new tags select more missed
   * events, the room tells it that it may have missed some.
   */
  checkTags(connection: RoomConnection): void {
    const resumed = this.#resumed.get(connection);
    if (!resumed) return;
    const { from } = resumed;
    const { first, head } = this.#ring.look();
    const { id, client, tags } = connection;
    const wasHidden = ({ audience }: StoredEvent) =>
      isInAudience({ id, client, tags }, audience) &&
      !isInAudience({ id, client, tags: resumed.tags }, audience);
    // Some are no longer stored, or there is more than a page, which is too much to read.
    const isUnknown = first > from + 1 || head.offset - from > MAX_HISTORY_PAGE;
    const events = this.#ring.newestFirst(head.offset, Math.max(from + 1, first));
    if (!isUnknown && !Array.from(events).some(wasHidden)) return;
    this.#resumed.delete(connection);
    this.#running.delete(connection);
    this.#tellLost(connection);
  }

  /** Runs after a connection's `onConnect`: later changes of its tags apply to later events. */
  forgetTags(connection: RoomConnection): void {
    this.#resumed.delete(connection);
  }

  /**
   * Waits until a reader has caught up, and for at least one interval. A reader that takes too long
   * is closed.
   */
  async pause(connection: RoomConnection): Promise<void> {
    const patienceEndsAtMs = Date.now() + REPLAY_WITHIN_MS;
    do {
      // oxlint-disable-next-line no-await-in-loop -- no platform has an event for it
      await scheduler.wait(LOOK_AGAIN_MS);
    } while (connection.isOpen && connection.isBehind && Date.now() < patienceEndsAtMs);
    if (connection.isOpen && connection.isBehind) end(connection, "too_slow");
  }

  /** Continues a replay. Its timers keep the room in memory while the reader keeps up. */
  async #continue(connection: RoomConnection, run: Run): Promise<void> {
    try {
      while (this.#isRunning(connection, run) && (await this.#hasRead(connection, run))) {
        this.#sendSome(connection, run);
      }
    } catch {
      // The storage has failed. The client reconnects, and resumes here.
      end(connection, "internal");
    }
    if (this.#isRunning(connection, run)) this.#running.delete(connection);
  }

  async #hasRead(connection: RoomConnection, run: Run): Promise<boolean> {
    await this.pause(connection);
    return connection.isOpen && this.#isRunning(connection, run);
  }

  /** Sends one message, after a check that its events are still stored. */
  #sendSome(connection: RoomConnection, run: Run): void {
    const { first, head } = this.#ring.look();
    // The check found that the storage was wiped. The client already knows that it may miss events.
    if (!this.#isRunning(connection, run)) return;
    if (run.offset + 1 < first) {
      // New events have overwritten the next ones.
      this.#running.delete(connection);
      return this.#tellLost(connection);
    }
    const events = this.#ring.after(run.offset, MAX_REPLAY_BYTES);
    const frames = events
      .filter(({ audience }) => isInAudience(connection, audience))
      .map((event) => durableFrame(event.frame, event));
    if (connection.isFramed && frames.length > 0) connection.transmit(frames.join("\n"));
    run.offset = events.at(-1)?.offset ?? head.offset;
    // In the same turn as the last check of the head, so that no event is missed in between.
    if (run.offset >= head.offset) this.#running.delete(connection);
  }

  #isRunning(connection: RoomConnection, run: Run): boolean {
    return this.#running.get(connection) === run;
  }
}

function end(connection: RoomConnection, errorCode: ErrorCode): void {
  const { closeCode, code } = new PartyError(errorCode);
  connection.close(closeCode, code);
}
