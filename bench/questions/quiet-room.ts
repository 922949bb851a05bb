import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { textOfBytes } from "../texts.ts";

const { handWritten, rival, raw, typed, unbatched } = CONTENDERS;
const { ws, socketIo, socketIoRecovering } = CONTENDERS;
const CONTENDERS_HERE = {
  full: [handWritten, rival, raw, typed, unbatched, ws, socketIo, socketIoRecovering],
  quick: [handWritten, typed, socketIo],
};

const CONNECTIONS = 100;
const BYTES = 100;

/** Longer than the window of a batch: each message is the first of one. */
const PAUSE_MS = 25;

/** Lone messages a turn, for what they cost and for how long they take. */
const MESSAGES = { full: 8, quick: 4 };

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 3, quick: 1 };

/** One message at a time, with nothing before it that it could be joined to. */
export const quietRoom: Question = {
  name: "quiet-room",
  title: "What does one message cost in a quiet room?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE[context.scale], { connections: CONNECTIONS }, async (entrants) => {
      const rooms = Array.from({ length: CONNECTIONS }, () => "room");
      for (const entrant of entrants) await entrant.open({ rooms });
      const messages = MESSAGES[context.scale];
      const rounds = context.rounds * TURNS_A_ROUND[context.scale];
      const rowsOf = (name: string, take: (entrant: Entrant) => Promise<Measure>) =>
        takeTurns(
          { ...context, rounds },
          name,
          entrants.map((entrant) => ({
            contender: entrant.contender.name,
            take: () => take(entrant),
          })),
          1,
        );
      const cost = `one message to ${CONNECTIONS}`;
      const time = `one message to ${CONNECTIONS}: until all have it`;
      const echo = "an echo";
      return [
        {
          name: cost,
          unit: "µs of CPU a delivery",
          rows: await rowsOf(cost, (entrant) => deliver(entrant, messages)),
        },
        {
          name: time,
          unit: "ms until all have it, p50",
          rows: await rowsOf(time, (entrant) => wait(entrant, "say", CONNECTIONS, messages)),
        },
        {
          name: echo,
          unit: "ms until it is back, p50",
          rows: await rowsOf(echo, (entrant) => wait(entrant, "echo", 1, messages)),
          note: `${BYTES} B, ${PAUSE_MS} ms after the one before: longer than the window of a batch.`,
        },
      ];
    }),
};

async function deliver(entrant: Entrant, messages: number): Promise<Measure> {
  // Each burst waits until the server has come to rest, which takes longer than a window.
  const { cpuMicroseconds, received } = await entrant.burst({
    from: [0],
    texts: [textOfBytes(entrant.contender, "say", BYTES)],
    answers: CONNECTIONS,
    times: messages,
  });
  return { value: cpuMicroseconds / received };
}

async function wait(
  entrant: Entrant,
  word: "say" | "echo",
  answers: number,
  times: number,
): Promise<Measure> {
  const texts = [textOfBytes(entrant.contender, word, BYTES)];
  const timed = await entrant.exchange({ from: [0], texts, answers, times, pauseMs: PAUSE_MS });
  return { value: timed.p50Ms, beside: { "p99 in ms": timed.p99Ms } };
}
