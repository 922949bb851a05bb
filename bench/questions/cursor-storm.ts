import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { moveText } from "../texts.ts";

const { handWritten, handWrittenCached, silent, rival, rivalInMemory } = CONTENDERS;
const { raw, typed, unbatched, batched, latest, ws, socketIo, socketIoRecovering } = CONTENDERS;
const CONTENDERS_HERE = {
  full: [
    handWritten,
    handWrittenCached,
    silent,
    rival,
    rivalInMemory,
    raw,
    typed,
    unbatched,
    batched,
    latest,
    ws,
    socketIo,
    socketIoRecovering,
  ],
  quick: [handWritten, rival, typed, batched, socketIo],
};

const CLIENTS = 50;
const PER_SECOND = 20;
const SECONDS = { full: 2, quick: 0.5 };

/** Everyone moves, and everyone sees everyone else move. */
export const cursorStorm: Question = {
  name: "cursor-storm",
  title: "What do fifty moving cursors cost?",
  ask: (context) =>
    withEntrants(CONTENDERS_HERE[context.scale], { connections: CLIENTS }, async (entrants) => {
      const rooms = Array.from({ length: CLIENTS }, () => "room");
      for (const entrant of entrants) await entrant.open({ rooms });
      const name = `${CLIENTS} clients, ${PER_SECOND} events a second each`;
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => move(entrant, SECONDS[context.scale]),
      }));
      const rows = await takeTurns(context, name, turns, 1);
      const note =
        "An event that is left out, because a newer one of the same cursor replaced it, counts as " +
        "delivered. The room that sends nothing shows what the events alone cost, each of which " +
        "wakes the process. No batching can cost less.";
      return [{ name, unit: "µs of CPU an event delivered", rows, note }];
    }),
};

async function move(entrant: Entrant, seconds: number): Promise<Measure> {
  const { contender } = entrant;
  const { cpuMicroseconds, done, received, wallMs } = await entrant.storm({
    texts: Array.from({ length: CLIENTS }, (_, index) => {
      const text = moveText(contender, `c${index}`);
      return [contender === silent ? JSON.stringify([text]) : text];
    }),
    perSecond: PER_SECOND,
    seconds,
    receivers: contender === latest || contender === silent ? undefined : CLIENTS - 1,
  });
  const delivered = done * (CLIENTS - 1);
  return {
    value: cpuMicroseconds / delivered,
    beside: {
      "of a core in %": cpuMicroseconds / (wallMs * 10),
      "left out in %": (1 - received / delivered) * 100,
    },
  };
}
