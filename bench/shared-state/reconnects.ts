import { CONTENDERS } from "../contenders.ts";
import { type Missed, withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { BoardRoom, roomsOf } from "./boards.ts";
import { snapshotOf } from "./snapshot.ts";

const { handWrittenBoard, board } = CONTENDERS;

const ENTRIES = 10_000;
const CHANGED = 10;

/** Clients that reconnect, one after the other. */
const CLIENTS = { full: 40, quick: 10 };

const NAME = `a reconnect, ${CHANGED} of ${ENTRIES.toLocaleString("en")} entries changed`;

/** A client reconnects: it is sent what has changed, or the whole value. */
export async function reconnectTables(context: QuestionContext): Promise<Table[]> {
  const clients = CLIENTS[context.scale];
  return withEntrants([handWrittenBoard, board], { connections: 2 }, async ([byHand, ours]) => {
    if (!byHand || !ours) throw new Error("A contender is missing.");
    const [handRoom, room] = [
      await BoardRoom.filled(byHand, ENTRIES),
      await BoardRoom.filled(ours, ENTRIES),
    ];
    const rows = await takeTurns(context, NAME, [
      {
        contender: byHand.contender.name,
        take: () => reconnect(handRoom, clients, { since: "", events: 1 }),
      },
      {
        contender: ours.contender.name,
        take: async () => {
          const { since } = await snapshotOf(room);
          await room.putAtOnce(CHANGED);
          return reconnect(room, clients, { since, events: 0 });
        },
      },
      {
        contender: `${ours.contender.name}, a new client`,
        take: async () => {
          const { messages } = await snapshotOf(room);
          return reconnect(room, clients, { since: "", events: messages - 1 });
        },
      },
    ]);
    const note =
      "By hand, the room sends the whole value as JSON. Ours sends a client what has changed since " +
      "its version, and a new client the whole value in parts.";
    return [{ name: NAME, unit: "µs of CPU a client", rows, note }];
  });
}

async function reconnect(room: BoardRoom, clients: number, missed: Missed): Promise<Measure> {
  const cost = await room.entrant.visit({ rooms: roomsOf(clients), atOnce: 1, missed });
  return {
    value: cost.cpuMicroseconds / clients,
    beside: { bytes: cost.receivedBytes / clients, "until it has all, in ms": cost.p50Ms },
  };
}
