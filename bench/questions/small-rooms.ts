import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { textOfBytes } from "../texts.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory, typed } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, rivalInMemory, raw, rawInMemory, typed];

const ROOMS = { full: 1_000, quick: 200 };
const CONNECTIONS_A_ROOM = 4;
const BYTES = 100;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 3, quick: 2 };

/** Many rooms in one process, in each of which somebody says something to a few. */
export const smallRooms: Question = {
  name: "small-rooms",
  title: "What does a delivery cost among many small rooms?",
  ask: (context) => {
    const rooms = ROOMS[context.scale];
    const connections = rooms * CONNECTIONS_A_ROOM;
    return withEntrants(CONTENDERS_HERE, { connections, rooms }, async (entrants) => {
      const names = Array.from({ length: connections }, (_, index) => `room-${roomOf(index)}`);
      for (const entrant of entrants) {
        context.progress(`connecting ${connections} to ${entrant.contender.name}`);
        await entrant.open({ rooms: names });
      }
      const name = `${rooms.toLocaleString("en")} rooms of ${CONNECTIONS_A_ROOM}, 100 B`;
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => sayInAll(entrant, rooms),
      }));
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      return [{ name, unit: "µs of CPU a delivery", rows }];
    });
  },
};

function roomOf(connection: number): number {
  return Math.floor(connection / CONNECTIONS_A_ROOM);
}

async function sayInAll(entrant: Entrant, rooms: number): Promise<Measure> {
  const { cpuMicroseconds, received } = await entrant.burst({
    from: Array.from({ length: rooms }, (_, room) => room * CONNECTIONS_A_ROOM),
    texts: [textOfBytes(entrant.contender, "say", BYTES)],
    answers: rooms * CONNECTIONS_A_ROOM,
  });
  return { value: cpuMicroseconds / received };
}
