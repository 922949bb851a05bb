import {
  MAX_HISTORY_PAGE,
  PartyError,
  type Position,
  type WireHistory,
  withOffset,
} from "@partyflare/shared";
import type { RoomConnection } from "../connections/room-connection";
import { type Audience, isInAudience } from "../outgoing/audience";
import type { Capability, Greeting, Host } from "./capability";
import type { EventLog, StoredEvent } from "./event-log";
import { Replay } from "./replay";

/** An event of the past, once its types have served. */
interface PastEvent {
  readonly event: string;
  readonly data: unknown;
  readonly offset: number;
  readonly atMs: number;
}

const DEFAULT_PAGE = 50;

/** What `history()` does: writes durable events, and brings to clients what they have missed. */
export class DurableEvents implements Capability {
  readonly events: ReadonlySet<string>;
  readonly calls = {
    $history: (connection: RoomConnection, input: unknown) => this.#page(connection, input),
  };
  readonly #log: EventLog;
  readonly #replay: Replay;
  readonly #onJoin: number;

  constructor(
    host: Host,
    log: EventLog,
    { events, onJoin }: { events: readonly string[]; onJoin: number },
  ) {
    this.events = new Set(events);
    this.#log = log;
    this.#replay = new Replay(log);
    this.#onJoin = onJoin;
    log.onNewEpoch = () => host.onNewEpoch();
  }

  get head(): number {
    if (this.#log.isWiped) this.#log.forget();
    return this.#log.head;
  }

  read({ before, limit }: { before?: number; limit?: number } = {}): PastEvent[] {
    const page = pageOf({ before, limit });
    if (this.#log.isWiped) this.#log.forget();
    return this.#log.before(page.before, page.limit).map(pastEvent);
  }

  onEmit(name: string, frame: string, audience: Audience): string {
    const offset = this.#append(name, frame, audience);
    return withOffset(frame, offset);
  }

  isReplaying(connection: RoomConnection): boolean {
    return this.#replay.isRunning(connection);
  }

  onConnect(connection: RoomConnection, position: Position | null): Greeting {
    if (position === null) {
      const first = this.#log.before(Infinity, this.#onJoin)[0]?.offset ?? this.#log.head + 1;
      return this.#greeting(connection, this.#placeAt(first - 1));
    }
    const recovered = this.#isRecoverable(position);
    const place = this.#placeAt(recovered ? position.offset : this.#log.head);
    return this.#greeting(connection, { ...place, recovered });
  }

  forget(): void {
    this.#log.forget();
  }

  /** Offsets begin anew, and what a client knows of them is worth nothing. */
  onNewEpoch(): WireHistory {
    this.#log.forget();
    return { ...this.#placeAt(this.#log.head), recovered: false };
  }

  #greeting(connection: RoomConnection, history: Greeting["history"]): Greeting {
    return { history, follow: () => this.#replay.start(connection, history.offset) };
  }

  #isRecoverable({ epoch, offset, fingerprint }: Position): boolean {
    if (epoch !== this.#log.epoch || !this.#log.reachesBackTo(offset)) return false;
    // Of another event at this place: the storage was put back, and has gone another way since.
    return this.#log.fingerprintAt(offset) === fingerprint;
  }

  #placeAt(offset: number): WireHistory {
    const fingerprint = this.#log.fingerprintAt(offset);
    return { epoch: this.#log.epoch, offset, ...(fingerprint !== "" && { fingerprint }) };
  }

  #append(name: string, frame: string, audience: Audience): number {
    try {
      return this.#log.append(name, frame, audience);
    } catch (error) {
      this.#log.forget();
      if (!this.#log.isWiped) throw error;
    }
    // `deleteAll()` while the room was in memory.
    return this.#log.append(name, frame, audience);
  }

  /** A page of what this client may see, as it is tagged now. */
  #page(connection: RoomConnection, input: unknown): PastEvent[] {
    const { before, limit, event } = (input ?? {}) as Record<string, unknown>;
    const page = pageOf({ before, limit });
    if (this.#log.isWiped) this.#log.forget();
    const found: StoredEvent[] = [];
    let { before: end } = page;
    while (found.length < page.limit) {
      const earlier = this.#log.before(end, page.limit);
      const [first] = earlier;
      if (!first) break;
      const visible = earlier.filter(
        ({ name, audience }) =>
          isInAudience(connection, audience) && (event === undefined || name === event),
      );
      found.unshift(...visible);
      end = first.offset;
    }
    return found.slice(-page.limit).map(pastEvent);
  }
}

function pageOf({
  before = Infinity,
  limit = DEFAULT_PAGE,
}: {
  before?: unknown;
  limit?: unknown;
}) {
  const isOffset = before === Infinity || (Number.isSafeInteger(before) && Number(before) >= 0);
  if (!isOffset) throw invalid("`before` is an offset: a whole number, 0 or more.");
  if (!Number.isSafeInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_HISTORY_PAGE) {
    throw invalid(`\`limit\` is a whole number from 1 to ${MAX_HISTORY_PAGE}.`);
  }
  return { before: Number(before), limit: Number(limit) };
}

function pastEvent({ offset, atMs, frame }: StoredEvent): PastEvent {
  const [event, data] = JSON.parse(frame) as [string, unknown];
  return { event, data, offset, atMs };
}

function invalid(message: string): PartyError {
  return new PartyError("invalid", { message });
}
