import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Row, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { BoardRoom, roomsOf } from "./boards.ts";

const { handWrittenBoard, board, wholeBoard } = CONTENDERS;
const { handWrittenBoardCounted, boardCounted, wholeBoardCounted } = CONTENDERS;
const CONTENDERS_HERE = [handWrittenBoard, board, wholeBoard];
const COUNTED = [handWrittenBoardCounted, boardCounted, wholeBoardCounted];

const ENTRIES = 10_000;
const CONNECTIONS = 10;

/** Each round takes as long as a room needs to fall asleep. */
const QUICK_ROUNDS = 1;

const NAME = `a wake and the first change of ${ENTRIES.toLocaleString("en")} entries`;

/** A change wakes a room that has slept. */
export async function wakeTables(context: QuestionContext): Promise<Table[]> {
  return [await costTable(context), await rowTable(context)];
}

function costTable(context: QuestionContext): Promise<Table> {
  return withEntrants(CONTENDERS_HERE, { connections: CONNECTIONS }, async (entrants) => {
    const turns = (await openAll(entrants)).map((room) => {
      let usedAtMs = performance.now();
      const take = async (): Promise<Measure> => {
        // The other rooms sleep meanwhile.
        await sleep(Math.max(0, usedAtMs + ASLEEP_AFTER_MS - performance.now()));
        const { cpuMicroseconds } = await awaken(room.entrant, () => room.put(CONNECTIONS));
        usedAtMs = performance.now();
        return { value: cpuMicroseconds };
      };
      return { contender: room.entrant.contender.name, take };
    });
    const rounds = context.scale === "quick" ? QUICK_ROUNDS : context.rounds;
    const rows = await takeTurns({ ...context, rounds }, NAME, turns, 1);
    const note = `${CONNECTIONS} connections. Each room reads its whole value.`;
    return { name: NAME, unit: "µs of CPU", rows, note };
  });
}

function rowTable(context: QuestionContext): Promise<Table> {
  return withEntrants(COUNTED, { connections: CONNECTIONS }, async (entrants) => {
    const rooms = await openAll(entrants);
    context.progress("rooms fall asleep");
    await sleep(ASLEEP_AFTER_MS);
    const rows: Row[] = [];
    for (const room of rooms) {
      const { server, contender } = room.entrant;
      const before = await server.rows();
      await awaken(room.entrant, () => room.put(CONNECTIONS));
      const woken = await server.rows();
      await room.put(CONNECTIONS);
      const after = await server.rows();
      rows.push({
        contender: contender.name,
        values: [woken.read - before.read],
        beside: {
          "rows written": woken.written - before.written,
          "rows read by the next change": after.read - woken.read,
          "rows written by it": after.written - woken.written,
        },
      });
    }
    return { name: `${NAME}: rows`, unit: "rows read", rows };
  });
}

async function openAll(entrants: readonly Entrant[]): Promise<BoardRoom[]> {
  const rooms: BoardRoom[] = [];
  for (const entrant of entrants) {
    const room = await BoardRoom.filled(entrant, ENTRIES);
    await entrant.open({ rooms: roomsOf(CONNECTIONS) });
    await room.put(CONNECTIONS);
    rooms.push(room);
  }
  return rooms;
}
