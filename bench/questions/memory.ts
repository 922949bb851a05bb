import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS, type Contender } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question, Row } from "../question.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { textOfBytes } from "../texts.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory, typed } = CONTENDERS;
const CONTENDERS_HERE: Contender[] = [handWritten, rival, rivalInMemory, raw, rawInMemory, typed];

const CONNECTIONS = { full: 2_000, quick: 500 };

/** Who has been there before the first look: code takes memory, too. */
const EARLIER = 100;

/** What was seen in one round, in bytes a connection, by contender. */
interface Sight {
  readonly contender: Contender;
  readonly awake: number;
  readonly asleep: number;
}

/** The memory of a whole process before and after many connect, in new processes each round. */
export const memory: Question = {
  name: "memory",
  title: "How much memory does a connection take, awake and hibernating?",
  ask: async ({ scale, rounds, progress }) => {
    const connections = CONNECTIONS[scale];
    const sights: Sight[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`memory: round ${round} of ${rounds}`);
      const crowd = { connections: connections + EARLIER };
      sights.push(...(await withEntrants(CONTENDERS_HERE, crowd, (all) => look(all, connections))));
    }
    const unit = "bytes a connection";
    const note = `${connections.toLocaleString("en")} connections, none of which has sent a message.`;
    return [
      { name: "awake", unit, rows: rowsOf(sights, ({ awake }) => awake), note },
      {
        name: "hibernating",
        unit,
        rows: rowsOf(
          sights.filter(({ contender }) => contender.hibernates),
          ({ asleep }) => asleep,
        ),
        note,
      },
    ];
  },
};

async function look(entrants: readonly Entrant[], connections: number): Promise<Sight[]> {
  const before = new Map<Entrant, number>();
  const awake = new Map<Entrant, number>();
  for (const entrant of entrants) {
    await entrant.churn({ rooms: roomsOf(EARLIER) });
    before.set(entrant, entrant.server.residentBytes());
    await entrant.open({ rooms: roomsOf(connections) });
    awake.set(entrant, entrant.server.residentBytes());
  }
  await sleep(ASLEEP_AFTER_MS);
  const sights = entrants.map((entrant) => {
    const { contender, server } = entrant;
    const each = (bytes = Number.NaN) =>
      (bytes - (before.get(entrant) ?? Number.NaN)) / connections;
    return { contender, awake: each(awake.get(entrant)), asleep: each(server.residentBytes()) };
  });
  for (const entrant of entrants.filter(({ contender }) => contender.hibernates)) {
    const texts = [textOfBytes(entrant.contender, "echo", 20)];
    await awaken(entrant, () => entrant.exchange({ from: [0], texts, answers: 1 }));
  }
  return sights;
}

function roomsOf(connections: number): string[] {
  return Array.from({ length: connections }, () => "room");
}

function rowsOf(sights: readonly Sight[], valueOf: (sight: Sight) => number): Row[] {
  const contenders = [...new Set(sights.map(({ contender }) => contender.name))];
  return contenders.map((contender) => ({
    contender,
    values: sights.filter((sight) => sight.contender.name === contender).map(valueOf),
  }));
}
