import { CONTENDERS, type Contender } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import { positionOf } from "../load/positions.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { untilQuiet } from "../until-quiet.ts";
import { roomsOf, shareAll, shareText } from "./crowd.ts";

const { handWritten, silent, rival, latest, present } = CONTENDERS;
const CONTENDERS_HERE = {
  full: [handWritten, silent, rival, latest, present],
  quick: [handWritten, rival, present],
};

const PEOPLE = 50;
const PER_SECOND = 20;
const SECONDS = { full: 2, quick: 0.5 };

const NAME = `${PEOPLE} people, ${PER_SECOND} moves a second each`;

/** Everyone moves, and everyone is shown where all the others are. */
export async function cursorTables(context: QuestionContext): Promise<Table[]> {
  const crowd = { connections: PEOPLE };
  return withEntrants(CONTENDERS_HERE[context.scale], crowd, async (entrants) => {
    for (const entrant of entrants) {
      await entrant.open({ rooms: roomsOf(PEOPLE) });
      if (entrant.contender === present) await shareAll(entrant, PEOPLE);
      await untilQuiet(entrant);
    }
    const turns = entrants.map((entrant) => ({
      contender: entrant.contender.name,
      take: () => move(entrant, SECONDS[context.scale]),
    }));
    const note =
      "The load generator checks that everyone is shown where all the others end. A position that " +
      "is left out, because a newer one replaced it, counts as delivered.";
    const rows = await takeTurns(context, NAME, turns, 1);
    return [{ name: NAME, unit: "µs of CPU a position delivered", rows, note }];
  });
}

async function move(entrant: Entrant, seconds: number): Promise<Measure> {
  const { contender } = entrant;
  const { cpuMicroseconds, done, received, positions, wallMs } = await entrant.storm({
    texts: Array.from({ length: PEOPLE }, (_, person) =>
      Array.from({ length: PER_SECOND * seconds }, (_, n) => moveText(contender, person, n)),
    ),
    perSecond: PER_SECOND,
    seconds,
    receivers: undefined,
    arePositions: contender !== silent,
  });
  const delivered = done * (PEOPLE - 1);
  // Presence also shows people themselves.
  const possible = contender === present ? done * PEOPLE : delivered;
  return {
    value: cpuMicroseconds / delivered,
    beside: {
      "of a core in %": cpuMicroseconds / (wallMs * 10),
      "left out in %": (1 - (positions ?? 0) / possible) * 100,
      "frames a second to each": received / PEOPLE / seconds,
    },
  };
}

/** The same position in every contender. */
function moveText(contender: Contender, person: number, n: number): string {
  const cursor = { x: positionOf(person, n), y: 384 };
  if (contender === present) return shareText({ cursor }, n);
  const move = { by: `c${person}`, ...cursor };
  if (contender === silent) return JSON.stringify([move]);
  return contender.isTyped ? JSON.stringify(["move", move]) : `move ${JSON.stringify(move)}`;
}
