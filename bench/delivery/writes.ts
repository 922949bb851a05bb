import { CONTENDERS, type Contender } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Row, Table } from "../question.ts";
import { takeTurns } from "../rounds.ts";
import { callWork, CONNECTIONS, eventWork, ROOM, type Work } from "./work.ts";

const { handWrittenDurable, handWrittenOnce, handWrittenCounted, durable, durableCounted } =
  CONTENDERS;

/** Things that are done at once, for what they cost. */
const AT_ONCE = 400;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 4, quick: 2 };

/** So many that the ring of events has gone round, and results have been written over. */
const BEFORE_COUNTING = 1_200;

/** Something that is written, and how it is shown. */
interface Write {
  readonly name: string;
  readonly contenders: readonly Contender[];
  readonly workOf: (entrant: Entrant) => Work | Promise<Work>;
  readonly note: string;
}

const WRITES: readonly Write[] = [
  {
    name: "a durable event",
    contenders: [handWrittenDurable, durable],
    workOf: eventWork,
    note: `100 B, to ${CONNECTIONS} connections. By hand: one row, then a message to each.`,
  },
  {
    name: "a call that happens once",
    contenders: [handWrittenDurable, handWrittenOnce, durable],
    workOf: callWork,
    note: "By hand: the result and a row of the app in one transaction, then the answer.",
  },
];

/** What a durable event and a call that happens once cost, in CPU and in rows. */
export async function writeTables(context: QuestionContext): Promise<Table[]> {
  const crowd = { connections: CONNECTIONS + 1 };
  const tables: Table[] = [];
  for (const write of WRITES) {
    tables.push(
      await withEntrants(write.contenders, crowd, (all) => costTable(context, write, all)),
    );
  }
  const counted = [handWrittenCounted, durableCounted];
  for (const write of WRITES) {
    context.progress(`${write.name}: counting rows`);
    tables.push(await withEntrants(counted, crowd, (all) => rowTable(write, all)));
  }
  return tables;
}

async function costTable(
  context: QuestionContext,
  { name, workOf, note }: Write,
  entrants: readonly Entrant[],
): Promise<Table> {
  const works = await Promise.all(entrants.map((entrant) => begin(entrant, workOf)));
  const turns = works.map(({ entrant, work }) => ({
    contender: entrant.contender.name,
    take: async () => ({ value: (await doAtOnce(entrant, work, AT_ONCE)) / AT_ONCE }),
  }));
  const rounds = context.rounds * TURNS_A_ROUND[context.scale];
  const rows = await takeTurns({ ...context, rounds }, name, turns);
  return { name, unit: `µs of CPU ${works[0]?.work.thing}`, rows, note };
}

async function rowTable({ name, workOf }: Write, entrants: readonly Entrant[]): Promise<Table> {
  const rows: Row[] = [];
  let thing = "";
  for (const each of entrants) {
    const { entrant, work } = await begin(each, workOf);
    for (let done = 0; done < BEFORE_COUNTING; done += AT_ONCE) {
      await doAtOnce(entrant, work, AT_ONCE);
    }
    const before = await entrant.server.rows();
    await doAtOnce(entrant, work, AT_ONCE);
    const written = (await entrant.server.rows()).written - before.written;
    rows.push({ contender: entrant.contender.name, values: [written / AT_ONCE] });
    thing = work.thing;
  }
  return { name: `${name}: rows`, unit: `rows written ${thing}`, rows };
}

async function begin(
  entrant: Entrant,
  workOf: Write["workOf"],
): Promise<{ entrant: Entrant; work: Work }> {
  await entrant.open({ rooms: Array.from({ length: CONNECTIONS }, () => ROOM) });
  return { entrant, work: await workOf(entrant) };
}

/** @returns the server's time on a CPU, in microseconds. */
async function doAtOnce(entrant: Entrant, work: Work, count: number): Promise<number> {
  const exchange = { from: [0], texts: work.texts(count), answers: work.answers * count };
  const { cpuMicroseconds } = await entrant.write(exchange);
  return cpuMicroseconds;
}
