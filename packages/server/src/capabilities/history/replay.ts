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

/** How often a reader that is behind is looked at, in ms. No platform tells when it has read. */
const LOOK_AGAIN_MS = 20;

/** Where a connection begins. */
export interface Start {
  readonly offset: number;
  /** Whether its client was promised everything that it has missed. */
  readonly isResumed: boolean;
}

/** A connection that is sent what it has missed. */
interface Run {
  /** Up to which all has been sent. */
  offset: number;
}

/** What a connection was promised as it resumed, and by which tags its events were chosen. */
interface Resumed {
  readonly from: number;
  readonly tags: readonly string[];
}

/**
 * Sends connections what they have missed, in messages that a reader can take one after the other.
 * Until a connection has come to the end it is sent no durable event but by this.
 */
export class Replay {
  readonly #ring: EventRing;
  /** Tells a connection that it may have missed anything up to the head. */
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

  /** Sends what follows a start: at once, where it is no more than one message. */
  start(connection: RoomConnection, { offset, isResumed }: Start): void {
    const run: Run = { offset };
    this.#running.set(connection, run);
    const { tags } = connection;
    this.#sendSome(connection, run);
    if (isResumed) this.#resumed.set(connection, { from: offset, tags });
    if (this.#isRunning(connection, run)) void this.#continue(connection, run);
  }

  /** Another epoch has begun: what was on its way means nothing. */
  endAll(): void {
    this.#running.clear();
  }

  /**
   * Tells a connection whose tags change in its `onConnect` that it may have missed events, where
   * there are some that it would have been sent with the tags it has now.
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
    // Some are gone already; or it is more than a page, of which it is not worth knowing.
    const isUnknown = first > from + 1 || head.offset - from > MAX_HISTORY_PAGE;
    const events = this.#ring.newestFirst(head.offset, Math.max(from + 1, first));
    if (!isUnknown && !Array.from(events).some(wasHidden)) return;
    this.#resumed.delete(connection);
    this.#running.delete(connection);
    this.#tellLost(connection);
  }

  /** The `onConnect` of a connection has ended: from now on its tags are for later events. */
  forgetTags(connection: RoomConnection): void {
    this.#resumed.delete(connection);
  }

  /** Waits until a reader has read, and a moment at least. One that takes too long is closed. */
  async pause(connection: RoomConnection): Promise<void> {
    const patienceEndsAtMs = Date.now() + REPLAY_WITHIN_MS;
    do {
      // oxlint-disable-next-line no-await-in-loop -- no platform tells when it has read
      await scheduler.wait(LOOK_AGAIN_MS);
    } while (connection.isOpen && connection.isBehind && Date.now() < patienceEndsAtMs);
    if (connection.isOpen && connection.isBehind) end(connection, "too_slow");
  }

  /** The timers keep the room awake, as long as the reader takes what it is sent. */
  async #continue(connection: RoomConnection, run: Run): Promise<void> {
    try {
      while (this.#isRunning(connection, run) && (await this.#hasRead(connection, run))) {
        this.#sendSome(connection, run);
      }
    } catch {
      // The storage has failed: the client reconnects, and begins where this has ended.
      end(connection, "internal");
    }
    if (this.#isRunning(connection, run)) this.#running.delete(connection);
  }

  async #hasRead(connection: RoomConnection, run: Run): Promise<boolean> {
    await this.pause(connection);
    return connection.isOpen && this.#isRunning(connection, run);
  }

  /** Sends one message, after a look whether everything is still there. */
  #sendSome(connection: RoomConnection, run: Run): void {
    const { first, head } = this.#ring.look();
    // The storage was wiped, as the look has found out: the connection has been told.
    if (!this.#isRunning(connection, run)) return;
    if (run.offset + 1 < first) {
      // New events have overwritten what was to follow.
      this.#running.delete(connection);
      return this.#tellLost(connection);
    }
    const events = this.#ring.after(run.offset, MAX_REPLAY_BYTES);
    const frames = events
      .filter(({ audience }) => isInAudience(connection, audience))
      .map((event) => durableFrame(event.frame, event));
    if (connection.isFramed && frames.length > 0) connection.transmit(frames.join("\n"));
    run.offset = events.at(-1)?.offset ?? head.offset;
    // In the turn of the last look at the head: nothing slips between.
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
