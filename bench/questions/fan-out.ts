import { type Contender, CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question, QuestionContext, Scale, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { textOfBytes } from "../texts.ts";

const BYTES = { "100 B": 100, "1 kB": 1_000, "10 kB": 10_000 };

/** What a turn sends out in all, so that it takes long enough to be measured. */
const DELIVERIES = 5_000;

/** Nobody reads while a burst lasts: it must all fit the kernel's buffers. */
const MAX_BURST = { bytes: 80_000, messages: 64 };
const MAX_BURSTS = 8;

/** Of so short turns many are needed. */
const TURNS_A_ROUND = { full: 3, quick: 2 };

/** Deliveries of a turn that are timed, in lone messages: how long until everyone has it. */
const TIMED_DELIVERIES = 3_000;
const MOST_TIMED = 10;

const { handWritten, handWrittenCached, rival, rivalInMemory } = CONTENDERS;
const { raw, rawInMemory, typed, unbatched, ws, socketIo, socketIoRecovering } = CONTENDERS;
const EVERYONE = [
  handWritten,
  handWrittenCached,
  rival,
  rivalInMemory,
  raw,
  rawInMemory,
  typed,
  unbatched,
  ws,
  socketIo,
  socketIoRecovering,
];

const NOTE =
  "Messages come in bursts, as fast as they can: what batches by default joins them, and what is " +
  "unbatched shows what one of them costs.";

/** How many listen, who competes, and what is said to so many. */
interface Crowd {
  readonly connections: number;
  readonly contenders: readonly Contender[];
  readonly sizes: readonly (keyof typeof BYTES)[];
}

const ALL_SIZES = ["100 B", "1 kB", "10 kB"] as const;
const CROWDS: Record<Scale, readonly Crowd[]> = {
  full: [
    { connections: 10, contenders: EVERYONE, sizes: ALL_SIZES },
    { connections: 100, contenders: EVERYONE, sizes: ALL_SIZES },
    { connections: 1_000, contenders: EVERYONE, sizes: ALL_SIZES },
    // As many as the runtime's file descriptors allow.
    {
      connections: 9_500,
      contenders: [handWritten, rival, raw, unbatched],
      sizes: ["100 B", "1 kB"],
    },
  ],
  quick: [
    {
      connections: 100,
      contenders: [handWritten, rival, raw, unbatched, socketIoRecovering],
      sizes: ["100 B"],
    },
  ],
};

/** One message from one connection to all, its sender included. */
export const fanOut: Question = {
  name: "fan-out",
  title: "What does it cost to send one message to everyone in a room?",
  ask: async (context) => {
    const tables: Table[] = [];
    for (const crowd of CROWDS[context.scale]) tables.push(...(await crowdTables(context, crowd)));
    return tables;
  },
};

function crowdTables(
  context: QuestionContext,
  { connections, contenders, sizes }: Crowd,
): Promise<Table[]> {
  return withEntrants(contenders, { connections }, async (entrants) => {
    const rooms = Array.from({ length: connections }, () => "room");
    for (const entrant of entrants) {
      context.progress(`connecting ${connections} to ${entrant.contender.name}`);
      await entrant.open({ rooms });
    }
    const rounds = context.rounds * TURNS_A_ROUND[context.scale];
    const tables: Table[] = [];
    for (const size of sizes) {
      const name = `${connections.toLocaleString("en")} connections, ${size}`;
      const turns = entrants.map((entrant) => ({
        contender: entrant.contender.name,
        take: () => deliver(entrant, connections, BYTES[size]),
      }));
      const rows = await takeTurns({ ...context, rounds }, name, turns);
      tables.push({ name, unit: "µs of CPU a delivery", rows, note: NOTE });
    }
    return tables;
  });
}

async function deliver(entrant: Entrant, connections: number, bytes: number): Promise<Measure> {
  const text = textOfBytes(entrant.contender, "say", bytes);
  const messages = DELIVERIES / connections;
  const most = Math.min(messages, MAX_BURST.bytes / bytes, MAX_BURST.messages);
  const texts = Array.from({ length: Math.ceil(most) }, () => text);
  const { cpuMicroseconds, received } = await entrant.burst({
    from: [0],
    texts,
    answers: texts.length * connections,
    times: Math.min(MAX_BURSTS, Math.ceil(messages / most)),
  });
  const timed = await entrant.exchange({
    from: [0],
    texts: [text],
    answers: connections,
    times: Math.min(MOST_TIMED, Math.ceil(TIMED_DELIVERIES / connections)),
  });
  return {
    value: cpuMicroseconds / received,
    beside: { "p50 in ms": timed.p50Ms, "p99 in ms": timed.p99Ms },
  };
}
