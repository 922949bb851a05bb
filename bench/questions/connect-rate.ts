import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory, typed } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, rivalInMemory, raw, rawInMemory, typed];

/** Who comes and goes in a turn: all at once for what it costs, then a few after each other. */
const VISITORS = 100;
const AT_ONCE = 16;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 3, quick: 2 };

/** Connections that come to a room that is there, and go. */
export const connectRate: Question = {
  name: "connect-rate",
  title: "What does it cost to connect and to disconnect?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE, { connections: VISITORS }, async (entrants) => {
      const name = "connect and disconnect";
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => comeAndGo(entrant),
      }));
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      return [{ name, unit: "µs of CPU a connection", rows }];
    }),
};

async function comeAndGo(entrant: Entrant): Promise<Measure> {
  const rooms = Array.from({ length: VISITORS }, () => "room");
  const came = await entrant.arrive({ rooms });
  const went = await entrant.leave();
  const timed = await entrant.churn({ rooms, atOnce: AT_ONCE });
  return {
    value: (came.cpuMicroseconds + went.cpuMicroseconds) / VISITORS,
    beside: {
      "of it to connect in µs": came.cpuMicroseconds / VISITORS,
      "visits a second": VISITORS / (timed.wallMs / 1_000),
    },
  };
}
