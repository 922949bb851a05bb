import { PartyError } from "@partyflare/shared";
import { REPLAY_WITHIN_MS, type WireShared } from "@partyflare/shared/internal";
import type { Host, RoomConnection } from "../capability";
import { chunksOf } from "./frames";
import type { Feed, Mark } from "./feed";

/** The interval at which a reader of a large value is looked at, in ms. There is no event for it. */
const LOOK_AGAIN_MS = 5;

/**
 * How often a slow reader is looked at until it is closed. Not a time: the clock stands still in a
 * room without timers, where the looks follow each other at once.
 */
const MAX_WAITS = REPLAY_WITHIN_MS / LOOK_AGAIN_MS;

/** For how many windows a slow reader is spared before it is sent changes anyway. */
const MAX_SPARED_WINDOWS = 64;

/**
 * For how long the changes wait for the answer of a call that is running, in ms. Longer, its client
 * would miss the changes of others.
 */
const MAX_HELD_MS = 1_000;

/** The close code for an error of the app, after which the client reconnects. */
export const INTERNAL_ERROR = 1011;

/** What a connection has been sent. */
interface Reader {
  /** Undefined if it is unknown: the next frame begins anew. */
  mark: Mark | undefined;
  /** The frames that it still has to get before that is complete. */
  rest: readonly WireShared[];
  /** How often it was too slow for the next of them. */
  waited: number;
  /** Whether an answered call waits for them with its changes. */
  owes: boolean;
  spared: number;
}

function newReader(mark: Mark | undefined): Reader {
  return { mark, rest: [], waited: 0, owes: false, spared: 0 };
}

/** What readers need of the shared state. */
export interface ReadersOwner {
  /** The position that every frame carries. */
  stamp(): Pick<WireShared, "run" | "version">;
  /** A connection has all parts of a large frame: it may have missed changes meanwhile. */
  onCaughtUp(): void;
}

/** Sends changes to the connections that subscribe, each from what it has to what it should see. */
export class Readers {
  readonly #host: Host;
  readonly #feed: Feed;
  readonly #owner: ReadersOwner;
  readonly #readers = new WeakMap<RoomConnection, Reader>();
  /** The connections with calls that are running. */
  readonly #calls = new Map<RoomConnection, { count: number; beganAtMs: number }>();
  /** The frames with the whole of a mark, for connections that know nothing. */
  readonly #snapshots = new WeakMap<Mark, readonly object[]>();

  constructor(host: Host, feed: Feed, owner: ReadersOwner) {
    this.#host = host;
    this.#feed = feed;
    this.#owner = owner;
  }

  /**
   * Returns the first frame of a connection.
   *
   * @param from what its client has already; undefined for nothing.
   * @throws what the app's `view` throws.
   */
  begin(connection: RoomConnection, from: Mark | undefined): WireShared {
    const to = this.#feed.mark(connection);
    const [first, ...rest] = this.#frames(from, to);
    this.#readers.set(connection, { ...newReader(to), rest });
    return first;
  }

  /** Sends the rest of a first frame that has more. */
  pace(connection: RoomConnection): void {
    const reader = this.#readers.get(connection);
    if (reader && reader.rest.length > 0) this.#continueLater(connection, reader);
  }

  /**
   * Drops the rest of a frame, which a connection may no longer see. The next frame begins anew.
   */
  restart(connection: RoomConnection): void {
    const reader = this.#readers.get(connection);
    if (reader && reader.rest.length > 0) this.#readers.set(connection, newReader(undefined));
  }

  /** An async call of a connection has begun: its changes wait for its answer. */
  hold(connection: RoomConnection): void {
    const { count, beganAtMs } = this.#calls.get(connection) ?? {
      count: 0,
      beganAtMs: this.#host.now(),
    };
    this.#calls.set(connection, { count: count + 1, beganAtMs });
  }

  /** An async call of a connection has ended. */
  release(connection: RoomConnection): void {
    const calls = this.#calls.get(connection);
    if (!calls) return;
    if (calls.count > 1) this.#calls.set(connection, { ...calls, count: calls.count - 1 });
    else this.#calls.delete(connection);
  }

  /**
   * Returns what a connection has not been sent yet, as one frame; undefined for nothing. The rest
   * of a frame that is too large is sent later.
   */
  next(connection: RoomConnection): WireShared | undefined {
    const reader = this.#readerOf(connection);
    reader.owes = reader.rest.length > 0;
    if (!connection.isOpen || reader.owes) return undefined;
    const to = this.#see(connection);
    if (!to || to === reader.mark) return undefined;
    const [first, ...rest] = this.#frames(reader.mark, to);
    const isNothing = isEmpty(first) && rest.length === 0 && reader.mark !== undefined;
    reader.mark = to;
    if (isNothing) return undefined;
    this.#giveRest(connection, reader, rest);
    return first;
  }

  /**
   * Sends all changes.
   *
   * @returns whether each connection is up to date. Otherwise, call it again after a window.
   */
  flush(): boolean {
    let areAllCurrent = true;
    const groups = new Map<Mark | undefined, Map<Mark, RoomConnection[]>>();
    // A copy: `view` may close connections.
    for (const connection of Array.from(this.#host.subscribers())) {
      const reader = this.#readerOf(connection);
      if (!connection.isOpen || reader.rest.length > 0) continue;
      const to = this.#see(connection);
      if (!to || to === reader.mark) continue;
      if (this.#isHeld(connection)) {
        areAllCurrent = false;
        continue;
      }
      if (connection.isBehind && reader.spared < MAX_SPARED_WINDOWS) {
        reader.spared += 1;
        areAllCurrent = false;
        continue;
      }
      reader.spared = 0;
      const group = groups.get(reader.mark) ?? new Map<Mark, RoomConnection[]>();
      groups.set(reader.mark, group);
      const connections = group.get(to);
      if (connections) connections.push(connection);
      else group.set(to, [connection]);
    }
    for (const [from, group] of groups) {
      for (const [to, connections] of group) this.#sendTo(connections, from, to);
    }
    this.#feed.sweep();
    return areAllCurrent;
  }

  #isHeld(connection: RoomConnection): boolean {
    const calls = this.#calls.get(connection);
    // The clock may have been set back.
    return calls !== undefined && Math.abs(this.#host.now() - calls.beganAtMs) < MAX_HELD_MS;
  }

  #sendTo(connections: readonly RoomConnection[], from: Mark | undefined, to: Mark): void {
    const [first, ...rest] = this.#frames(from, to);
    for (const connection of connections) this.#readerOf(connection).mark = to;
    if (from && isEmpty(first) && rest.length === 0) return;
    this.#host.send(connections, () => first);
    for (const connection of connections) {
      this.#giveRest(connection, this.#readerOf(connection), rest);
    }
  }

  #readerOf(connection: RoomConnection): Reader {
    const known = this.#readers.get(connection);
    if (known) return known;
    const reader = newReader(this.#feed.restored());
    this.#readers.set(connection, reader);
    return reader;
  }

  /** Returns what a connection should see. One whose view fails is closed: it may see nothing. */
  #see(connection: RoomConnection): Mark | undefined {
    let mark: Mark | undefined;
    this.#host.runHook(() => {
      try {
        mark = this.#feed.mark(connection);
      } catch (error) {
        connection.close(INTERNAL_ERROR, "internal");
        throw error;
      }
    }, connection);
    return mark;
  }

  #frames(from: Mark | undefined, to: Mark): [WireShared, ...WireShared[]] {
    const stamp = this.#owner.stamp();
    const chunks =
      (from === undefined && this.#snapshots.get(to)) || chunksOf(this.#feed.between(from, to));
    if (from === undefined) this.#snapshots.set(to, chunks);
    return chunks.map((chunk) => ({ ...stamp, ...chunk })) as [WireShared, ...WireShared[]];
  }

  #giveRest(connection: RoomConnection, reader: Reader, rest: readonly WireShared[]): void {
    if (rest.length === 0) return;
    reader.rest = rest;
    this.#continueLater(connection, reader);
  }

  #continueLater(connection: RoomConnection, reader: Reader): void {
    this.#host.later(() => this.#continue(connection, reader), LOOK_AGAIN_MS);
  }

  #continue(connection: RoomConnection, reader: Reader): void {
    const [next, ...rest] = reader.rest;
    if (!connection.isOpen || !next || this.#readers.get(connection) !== reader) return;
    if (connection.isBehind) {
      reader.waited += 1;
      if (reader.waited <= MAX_WAITS) return this.#continueLater(connection, reader);
      const { closeCode, code } = new PartyError("too_slow");
      return connection.close(closeCode, code);
    }
    reader.waited = 0;
    if (rest.length === 0) return this.#complete(connection, reader, next);
    reader.rest = rest;
    this.#host.send([connection], () => next);
    this.#continueLater(connection, reader);
  }

  /** Sends the last part of a large frame. */
  #complete(connection: RoomConnection, reader: Reader, last: WireShared): void {
    reader.rest = [];
    // An answered call may have made changes meanwhile: they belong to the same message.
    const isDue = reader.owes || !this.#isHeld(connection);
    const following = isDue ? this.next(connection) : undefined;
    this.#host.sendWithNext(connection, () => last);
    this.#host.sendWithNext(connection, () => following);
    this.#owner.onCaughtUp();
  }
}

function isEmpty({ reset, gone, set }: WireShared): boolean {
  return !reset && !gone && !set;
}
