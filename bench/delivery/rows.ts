import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Row, Table } from "../question.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { onceText, textOfBytes } from "../texts.ts";
import type { Rows } from "../rows-of-sqlite.ts";
import { sinceIn } from "./hello.ts";
import { ROOM } from "./work.ts";

const { keeping10, keeping1000, keeping100000 } = CONTENDERS;

/** What each ring holds, and a third more: it has gone round. */
const FILLED = [
  { contender: keeping10, events: 13 },
  { contender: keeping1000, events: 1_333 },
  { contender: keeping100000, events: 133_333 },
] as const;

/** Emitted by one request: a room has a time limit for each. */
const EVENTS_A_REQUEST = 20_000;

/** The most rows that a wake reads, whatever is kept. Reading 1,000 rows costs as much as 7 requests. */
const MOST_READ_BY_A_WAKE = 30;

const BYTES = 100;

/** As many calls as a client may have unanswered. */
const BURST = 64;

/** Of each thing, so that the first ones, for which tables are created, do not count. */
const TIMES = 100;

/** What delivery reads and writes, in rows: the platform bills both. */
export async function rowTables(context: QuestionContext): Promise<Table[]> {
  const contenders = FILLED.map(({ contender }) => contender);
  return withEntrants(contenders, { connections: 2 }, async (entrants) => {
    for (const [index, entrant] of entrants.entries()) {
      context.progress(`filling a ring of ${entrant.contender.name}`);
      await fill(entrant, FILLED[index]?.events ?? 0);
      await entrant.open({ rooms: [ROOM] });
    }
    context.progress("rooms fall asleep");
    await sleep(ASLEEP_AFTER_MS);
    const wakes: { contender: string; rows: Rows }[] = [];
    for (const entrant of entrants) {
      const rows = await awaken(entrant, () => rowsOf(entrant, () => say(entrant)));
      check(rows.read <= MOST_READ_BY_A_WAKE, `A wake has read ${rows.read} rows.`);
      wakes.push({ contender: entrant.contender.name, rows });
    }
    const [, entrant] = entrants;
    if (!entrant) throw new Error("There is nobody to ask.");
    context.progress("counting rows");
    const written = await writtenBy(entrant);
    // The event itself is one of those that a wake has written.
    const wake = (wakes[1]?.rows.written ?? Number.NaN) - 1;
    return [
      {
        name: "the first durable event after a wake",
        unit: "rows read",
        rows: wakes.map(({ contender, rows }) => ({ contender, values: [rows.read] })),
        note: `By \`cursor.rowsRead\`; at most ${MOST_READ_BY_A_WAKE}, whatever is kept.`,
      },
      {
        name: "what delivery writes",
        unit: "rows written",
        rows: [...written, { contender: "a wake", values: [wake] }],
        note: "Of the library alone: the handlers write nothing of their own.",
      },
    ];
  });
}

/** Things that are done again and again, and the rows that each has written. */
async function writtenBy(entrant: Entrant): Promise<Row[]> {
  const since = await sinceIn(entrant, ROOM);
  let last = 0;
  /** The next calls, of which so many are sent before the first is answered. */
  const call = async (count: number) => {
    const oldest = last + 1;
    const texts = Array.from({ length: count }, () => {
      const operation = { page: "rows", number: (last += 1), oldest, since, repeat: false };
      return onceText(entrant.contender, operation, "add");
    });
    await entrant.exchange({ from: [0], texts, answers: count });
  };
  const things: { contender: string; things: number; act: () => Promise<unknown> }[] = [
    { contender: "a durable event", things: 1, act: () => say(entrant) },
    { contender: "a call, one after the other", things: 1, act: () => call(1) },
    { contender: `a call, ${BURST} at once`, things: BURST, act: () => call(BURST) },
  ];
  const rows: Row[] = [];
  for (const { contender, things: each, act } of things) {
    // Twice, so that what is written over or deleted is of the same kind.
    await act();
    await act();
    const { read, written } = await rowsOf(entrant, async () => {
      for (let time = 0; time < TIMES; time += 1) await act();
    });
    const count = TIMES * each;
    rows.push({ contender, values: [written / count], beside: { "rows read": read / count } });
  }
  return rows;
}

/** The rows that something has read and written. */
async function rowsOf({ server }: Entrant, act: () => Promise<unknown>): Promise<Rows> {
  const before = await server.rows();
  await act();
  const after = await server.rows();
  return { read: after.read - before.read, written: after.written - before.written };
}

function say(entrant: Entrant): Promise<unknown> {
  const text = textOfBytes(entrant.contender, "say", BYTES);
  return entrant.exchange({ from: [0], texts: [text], answers: 1 });
}

/** Emits events in a room to which nobody is connected. */
async function fill({ contender, server }: Entrant, events: number): Promise<void> {
  for (let left = events; left > 0; left -= EVENTS_A_REQUEST) {
    const some = Math.min(left, EVENTS_A_REQUEST);
    const url = `http://127.0.0.1:${server.port}${contender.route}/${ROOM}?fill=${some}`;
    const response = await fetch(url, { method: "POST" });
    check(response.ok, `The room was not filled: ${response.status}`);
  }
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
