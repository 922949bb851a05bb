import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { callText } from "../texts.ts";

const { handWritten, rival, raw, typed, typedInMemory } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, raw, typed, typedInMemory];

/** Calls of one client that are sent at once, for what they cost. */
const AT_ONCE = 500;

/** Clients that each wait for one answer after the other, for how many calls a second that makes. */
const CLIENTS = 16;
const TIMES = 20;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 4, quick: 2 };

/** A call of the contract, against requests and replies as one would write them by hand. */
export const calls: Question = {
  name: "calls",
  title: "What does a call and its reply cost?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE, { connections: CLIENTS }, async (entrants) => {
      const rooms = Array.from({ length: CLIENTS }, () => "room");
      for (const entrant of entrants) await entrant.open({ rooms });
      const name = "adding two numbers";
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => callMany(entrant),
      }));
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      const note =
        `Those without a contract read JSON and reply by hand. ` +
        `Calls a second: ${CLIENTS} clients that each wait for their reply.`;
      return [{ name, unit: "µs of CPU a call", rows, note }];
    }),
};

async function callMany(entrant: Entrant): Promise<Measure> {
  const { contender } = entrant;
  const texts = Array.from({ length: AT_ONCE }, (_, id) => callText(contender, id));
  const { cpuMicroseconds } = await entrant.burst({ from: [0], texts, answers: AT_ONCE });
  const timed = await entrant.exchange({
    from: Array.from({ length: CLIENTS }, (_, index) => index),
    texts: [callText(contender, 0)],
    answers: CLIENTS,
    times: TIMES,
  });
  return {
    value: cpuMicroseconds / AT_ONCE,
    beside: { "calls a second": timed.done / (timed.wallMs / 1_000) },
  };
}
