import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { textOfBytes } from "../texts.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory, unbatched } = CONTENDERS;
const { ws, socketIo, socketIoRecovering } = CONTENDERS;
const CONTENDERS_HERE = [
  handWritten,
  rival,
  rivalInMemory,
  raw,
  rawInMemory,
  unbatched,
  ws,
  socketIo,
  socketIoRecovering,
];

const BYTES = 100;

/** Messages a turn, each sent when the one before is back. */
const ECHOES = 250;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 12, quick: 2 };

/** Messages that are sent at once, for what they cost. */
const AT_ONCE = 64;

const MICROSECONDS_IN_A_MILLISECOND = 1_000;

/** One connection, and a room that sends back what it hears. */
export const echo: Question = {
  name: "echo",
  title: "How long until a message is back?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE, { connections: 1 }, async (entrants) => {
      for (const entrant of entrants) await entrant.open({ rooms: ["room"] });
      const name = "100 B";
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => callAndHear(entrant, ECHOES),
      }));
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      const note =
        "Each message follows the one before at once. A room that batches would delay all but " +
        "the first: see the quiet room for an echo with the defaults.";
      return [{ name, unit: "µs until it is back, p50", rows, note }];
    }),
};

async function callAndHear(entrant: Entrant, times: number): Promise<Measure> {
  const text = textOfBytes(entrant.contender, "echo", BYTES);
  const timed = await entrant.exchange({ from: [0], texts: [text], answers: 1, times });
  const texts = Array.from({ length: AT_ONCE }, () => text);
  const { cpuMicroseconds } = await entrant.burst({ from: [0], texts, answers: AT_ONCE });
  return {
    value: timed.p50Ms * MICROSECONDS_IN_A_MILLISECOND,
    beside: {
      "p99 in µs": timed.p99Ms * MICROSECONDS_IN_A_MILLISECOND,
      "µs of CPU each": cpuMicroseconds / AT_ONCE,
    },
  };
}
