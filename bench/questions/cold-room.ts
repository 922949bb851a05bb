import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory, typed } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, rivalInMemory, raw, rawInMemory, typed];

/** New rooms a turn: some at once, for what they cost, and some one by one, for how long they take. */
const AT_ONCE = 50;
const ONE_BY_ONE = 5;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 6, quick: 2 };

/** Those of all turns: none is left by the end. */
const ROOMS = { full: 5_000, quick: 600 };

/** A room that has never been, and who comes first. */
export const coldRoom: Question = {
  name: "cold-room",
  title: "What do a new room and its first connection cost?",
  ask: (context) =>
    withEntrants(
      CONTENDERS_HERE,
      { connections: AT_ONCE, rooms: ROOMS[context.scale] },
      async (entrants) => {
        const name = "new room and first connection";
        const turns = entrants.map((entrant) => {
          const newRooms = roomNames();
          return { contender: entrant.contender.name, take: () => begin(entrant, newRooms) };
        });
        const rounds = context.rounds * TURNS_A_ROUND[context.scale];
        const rows = await takeTurns({ ...context, rounds }, name, turns);
        return [{ name, unit: "µs of CPU a room", rows }];
      },
    ),
};

async function begin(
  entrant: Entrant,
  newRooms: (count: number) => readonly string[],
): Promise<Measure> {
  const { cpuMicroseconds, done } = await entrant.arrive({ rooms: newRooms(AT_ONCE) });
  await entrant.close();
  const timed = await entrant.churn({ rooms: newRooms(ONE_BY_ONE), atOnce: 1 });
  return { value: cpuMicroseconds / done, beside: { "p50 in ms": timed.p50Ms } };
}

/** Names of which none comes twice. */
function roomNames(): (count: number) => readonly string[] {
  let last = 0;
  return (count) =>
    Array.from({ length: count }, () => {
      last += 1;
      return `room-${last}`;
    });
}
