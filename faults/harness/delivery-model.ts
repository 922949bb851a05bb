import type { Post } from "../worker/durable-contract.ts";
import type { DurableReport } from "../worker/durable-report.ts";
import type { PosterRecord } from "./poster-messages.ts";

/** Every kind of mistake is told of so many times at most. */
const MAX_TOLD = 5;

/** A client's page may have so many calls sent and unanswered, and the room keeps as many results. */
const MAX_RESULTS = 64;

/** The durable events of one room, as its clients have heard them between them. */
export class Timeline {
  /** By offset, from 1. What nobody has heard is undefined. */
  readonly #events: (string | undefined)[] = [];
  readonly #offsets = new Map<string, number>();
  #forks = 0;

  /** How often the storage was wiped or put back. */
  get forks(): number {
    return this.#forks;
  }

  /** What was heard, by offset less 1: `client/number`, and null for what nobody has heard. */
  get events(): (string | null)[] {
    return Array.from(this.#events.slice(1), (event) => event ?? null);
  }

  /**
   * A client has heard an event.
   *
   * @returns what is wrong about that, if anything is.
   */
  hear(offset: number, { by, number }: Post): string | undefined {
    const event = keyOf(by, number);
    const known = this.#events[offset];
    if (known !== undefined) {
      return known === event ? undefined : `heard ${event} at ${offset}, and others ${known}`;
    }
    const other = this.#offsets.get(event);
    if (other !== undefined) return `heard ${event} at ${offset}, and others at ${other}`;
    this.#events[offset] = event;
    this.#offsets.set(event, offset);
    return undefined;
  }

  /**
   * The storage was wiped, or put back to an older copy: what comes after an offset is another
   * event from now on.
   *
   * @returns what has never been, as it is now.
   */
  fork(after: number): string[] {
    this.#forks += 1;
    const lost = this.#events.splice(after + 1).filter((event) => event !== undefined);
    for (const event of lost) this.#offsets.delete(event);
    return lost;
  }
}

/** What one client has heard: each event once, in order, and of every gap first. */
export class View {
  /** A sentence for each thing that was not as it should be; the first ones of them. */
  readonly mistakes: string[] = [];
  readonly #timeline: Timeline;
  /** The place behind which all events follow: the last event, or the place that it was told. */
  offset = 0;
  /** Whether the next event may be any: only before the first. */
  #mayBegin = true;
  /** Which storage it has heard of: the timeline's count of forks, then. */
  #forks: number;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#forks = timeline.forks;
  }

  hear(offset: number | undefined, post: Post): void {
    if (offset === undefined) return this.#note(`heard an event without an offset`);
    if (this.#forks !== this.#timeline.forks) {
      this.#note(`was not told, before ${offset}, that the storage is another`);
      this.recover({ recovered: false, offset: offset - 1 });
    }
    if (offset <= this.offset) this.#note(`heard ${offset} after ${this.offset}`);
    else if (!this.#mayBegin && offset !== this.offset + 1) {
      this.#note(`was not told that it missed all between ${this.offset} and ${offset}`);
    }
    this.#mayBegin = false;
    this.offset = Math.max(this.offset, offset);
    const wrong = this.#timeline.hear(offset, post);
    if (wrong) this.#note(wrong);
  }

  /**
   * The client was told whether it will hear what it missed.
   *
   * @param told `offset` is the place behind which events follow, if it will not.
   */
  recover({ recovered, offset }: { recovered: boolean; offset: number }): void {
    if (recovered) return;
    this.offset = offset;
    this.#mayBegin = false;
    this.#forks = this.#timeline.forks;
  }

  /** See `Timeline.fork`, which comes after this. Who has heard no more than that need not be told. */
  fork(after: number): void {
    if (this.offset <= after && this.#forks === this.#timeline.forks) this.#forks += 1;
    this.offset = Math.min(this.offset, after);
  }

  #note(mistake: string): void {
    if (this.mistakes.length < MAX_TOLD) this.mistakes.push(mistake);
  }
}

/** What is looked at, and what may be. */
interface Delivered {
  readonly report: DurableReport;
  /** Of every client that ever called. */
  readonly records: readonly PosterRecord[];
  /** See `Timeline.events`: of each process of clients. */
  readonly timelines: readonly (readonly (string | null)[])[];
  /** Whether a call may have an unknown outcome: where the storage was wiped. */
  readonly mayBeUnknown: boolean;
}

/**
 * What a room and its clients know when nothing is on its way any more, compared with each other
 * and with what is promised.
 *
 * @returns a sentence for each thing that is not as it should be.
 */
export function deliveryMistakesOf(delivered: Delivered): string[] {
  const { report, records } = delivered;
  return [
    mistakesInRows(delivered),
    mistakesInCalls(delivered),
    mistakesInEvents(delivered),
    mistakesInBounds(report),
    records.flatMap(({ name, mistakes }) => mistakes.map((mistake) => `${name} ${mistake}`)),
    records
      .filter(({ offset }) => offset !== report.head)
      .map(({ name, offset }) => `${name} has heard up to ${offset}, not ${report.head}`),
  ].flatMap((mistakes) => mistakes.slice(0, MAX_TOLD));
}

/** What was written was called, once, and in the order of its client. */
function mistakesInRows({ report: { rows }, records }: Delivered): string[] {
  const sent = new Map(records.map((record) => [record.id, record.sent]));
  const latest = new Map<string, number>();
  const written = new Set(records.flatMap(({ id, lost }) => lost.map((n) => keyOf(id, n))));
  return rows.flatMap(({ by, number, seq }, index) => {
    const before = latest.get(by) ?? 0;
    const key = keyOf(by, number);
    const isRepeated = written.has(key);
    written.add(key);
    latest.set(by, number);
    if (isRepeated) return [`call ${key} was carried out twice`];
    if (number > (sent.get(by) ?? 0)) return [`call ${key} was carried out and never made`];
    if (number < before) return [`call ${key} was carried out after ${keyOf(by, before)}`];
    return seq === index + 1 ? [] : [`row ${seq} stands at place ${index + 1}`];
  });
}

/** Every call was answered, and what was answered was carried out. */
function mistakesInCalls({ report: { rows }, records, mayBeUnknown }: Delivered): string[] {
  const written = new Set(rows.map(({ by, number }) => keyOf(by, number)));
  return records.flatMap(({ id, sent, offsets, unanswered, refused, lost }) => {
    const isLost = new Set(lost);
    const numbers = Array.from({ length: sent }, (_, index) => index + 1);
    return [
      ...refused
        .filter(({ code }) => !(mayBeUnknown && code === "unknown_outcome"))
        .map(({ number, code }) => `call ${keyOf(id, number)} was refused: ${code}`),
      ...unanswered.map((number) => `call ${keyOf(id, number)} was not answered`),
      ...numbers.flatMap((number) => {
        const offset = offsets[number - 1];
        const key = keyOf(id, number);
        if (!offset || isLost.has(number)) return [];
        if (!written.has(key)) return [`call ${key} was answered, and its row is lost`];
        const row = rows[offset - 1];
        if (row && keyOf(row.by, row.number) === key) return [];
        return [`call ${key} was answered with ${offset}, which is another's place`];
      }),
    ];
  });
}

/** Each row has its event, at its place, for all clients and in the room's own eyes. */
function mistakesInEvents({ report, timelines }: Delivered): string[] {
  const { rows, head, history } = report;
  const rowAt = (offset: number) => {
    const row = rows[offset - 1];
    return row ? keyOf(row.by, row.number) : "nothing";
  };
  return [
    ...(head === rows.length ? [] : [`there are ${head} events, and ${rows.length} rows`]),
    ...timelines.flatMap((events) =>
      events.flatMap((event, index) => {
        if (event === null || event === rowAt(index + 1)) return [];
        return [`clients heard ${event} at ${index + 1}, where the room has ${rowAt(index + 1)}`];
      }),
    ),
    ...history.flatMap(({ offset, by, number }, index) => {
      const expected = head - history.length + 1 + index;
      if (offset !== expected) return [`the history has ${offset} where ${expected} belongs`];
      if (keyOf(by, number) === rowAt(offset)) return [];
      return [`the history has ${keyOf(by, number)} at ${offset}, the table ${rowAt(offset)}`];
    }),
  ];
}

function mistakesInBounds(report: DurableReport): string[] {
  const { storedEvents, keepEvents, mostStoredResults } = report;
  return [
    ...(storedEvents > keepEvents ? [`${storedEvents} events are stored, not ${keepEvents}`] : []),
    ...(mostStoredResults > MAX_RESULTS
      ? [`${mostStoredResults} results of one page are stored, not ${MAX_RESULTS}`]
      : []),
  ];
}

function keyOf(by: string, number: number): string {
  return `${by}/${number}`;
}
