import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { POINT_TEXT, textOfBytes } from "../texts.ts";

const { handWritten, rival, raw, typed, zod, valibot } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, raw, typed, zod, valibot];

/** Events a turn, in one burst. */
const EVENTS = 500;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 4, quick: 2 };

/** An object of two numbers, a text and three tags arrives, and nothing is done about it. */
export const validation: Question = {
  name: "validation",
  title: "What does it cost to check what arrives?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE, { connections: 1 }, async (entrants) => {
      for (const entrant of entrants) await entrant.open({ rooms: ["room"] });
      const name = "an event of 2 numbers, a text and 3 tags";
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => receive(entrant),
      }));
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      const note =
        `Those without a contract read the JSON and check nothing; ` +
        `${typed.name} has a contract that is types alone.`;
      return [{ name, unit: "µs of CPU an event", rows, note }];
    }),
};

async function receive(entrant: Entrant): Promise<Measure> {
  const events = Array.from({ length: EVENTS }, () => POINT_TEXT);
  // Its answer tells that all before it have been handled.
  const last = textOfBytes(entrant.contender, "echo", 20);
  const { cpuMicroseconds } = await entrant.burst({
    from: [0],
    texts: [...events, last],
    answers: 1,
  });
  return { value: cpuMicroseconds / EVENTS };
}
