import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS } from "../contenders.ts";
import { type Cost, type Entrant, withEntrants } from "../entrant.ts";
import type { Question, QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { tagOf, textOfBytes } from "../texts.ts";

const { handWritten, handWrittenCached, rival, raw, typed } = CONTENDERS;

/** What the runtime's file descriptors allow. */
const CONNECTIONS = { full: 9_500, quick: 1_000 };

const BYTES = 100;

/** What wakes a room, and how that is measured. */
interface Alarm {
  readonly name: string;
  readonly contenders: typeof WITHOUT_TYPED | typeof WITH_TYPED;
  readonly ring: (entrant: Entrant, connections: number) => Promise<Cost>;
}

const WITHOUT_TYPED = [handWritten, rival, raw] as const;
const WITH_TYPED = [handWritten, handWrittenCached, rival, raw, typed] as const;

const ALARMS: readonly Alarm[] = [
  {
    name: "first message answered",
    contenders: WITH_TYPED,
    ring: (entrant) =>
      entrant.probe({
        from: [0],
        texts: [textOfBytes(entrant.contender, "echo", BYTES)],
        answers: 1,
      }),
  },
  {
    name: "first broadcast",
    contenders: WITH_TYPED,
    ring: (entrant, connections) =>
      entrant.burst({
        from: [0],
        texts: [textOfBytes(entrant.contender, "say", BYTES)],
        answers: connections,
      }),
  },
  {
    name: "first lookup by tag",
    contenders: WITHOUT_TYPED,
    ring: (entrant) => entrant.probe({ from: [0], texts: ["tags 1 of 100"], answers: 1 }),
  },
];

/** A room that has slept, with thousands of connections, and the first thing that happens to it. */
export const wake: Question = {
  name: "wake",
  title: "What does it cost to wake a room that has slept?",
  ask: (context) => {
    const connections = CONNECTIONS[context.scale];
    return withEntrants(WITH_TYPED, { connections }, async (entrants) => {
      const rooms = Array.from({ length: connections }, () => "room");
      for (const entrant of entrants) {
        context.progress(`connecting ${connections} to ${entrant.contender.name}`);
        await entrant.open({ rooms, tagOf });
      }
      const tables: Table[] = [];
      for (const alarm of ALARMS) {
        tables.push(await wakeAll(context, alarm, entrants, connections));
      }
      return tables;
    });
  },
};

async function wakeAll(
  context: QuestionContext,
  { name, contenders, ring }: Alarm,
  entrants: readonly Entrant[],
  connections: number,
): Promise<Table> {
  const turns = entrants
    .filter(({ contender }) => contenders.some((each) => each === contender))
    .map((entrant) => {
      let usedAtMs = performance.now();
      const take = async (): Promise<Measure> => {
        // The others sleep on meanwhile, and are ready when it is their turn.
        await sleep(Math.max(0, usedAtMs + ASLEEP_AFTER_MS - performance.now()));
        const { cpuMicroseconds, p50Ms } = await awaken(entrant, () => ring(entrant, connections));
        usedAtMs = performance.now();
        return {
          value: cpuMicroseconds,
          beside: p50Ms > 0 ? { "answered in ms": p50Ms } : undefined,
        };
      };
      return { contender: entrant.contender.name, take };
    });
  const rows = await takeTurns(context, name, turns, 1);
  return {
    name,
    unit: "µs of CPU",
    rows,
    note: `${connections.toLocaleString("en")} connections.`,
  };
}
