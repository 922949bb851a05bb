import { CONTENDERS } from "../contenders.ts";
import { withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { median } from "../statistics.ts";
import { untilQuiet } from "../until-quiet.ts";
import { BoardRoom, roomsOf } from "./boards.ts";

const { handWrittenBoard, wholeBoard, board } = CONTENDERS;
const CONTENDERS_HERE = [handWrittenBoard, board, wholeBoard];

const CONNECTIONS = 100;
const ENTRIES = 10_000;

/** Lone changes a turn. Of those that send the whole value, one takes as long as hundreds of others. */
const CHANGES = { full: 20, quick: 5 };
const CHANGES_OF_WHOLE = 1;

/** Changes that arrive at once. */
const AT_ONCE = 100;
const AT_ONCE_OF_WHOLE = 4;

const LONE = `one change of ${ENTRIES.toLocaleString("en")} entries, to ${CONNECTIONS}`;
const BURST = `${AT_ONCE} changes at once, to ${CONNECTIONS}`;

/** A client changes one entry of a large value, and everyone is sent the change. */
export async function changeTables(context: QuestionContext): Promise<Table[]> {
  return withEntrants(CONTENDERS_HERE, { connections: CONNECTIONS }, async (entrants) => {
    const rooms: BoardRoom[] = [];
    for (const entrant of entrants) {
      context.progress(`filling a board of ${entrant.contender.name}`);
      rooms.push(await BoardRoom.filled(entrant, ENTRIES));
      await entrant.open({ rooms: roomsOf(CONNECTIONS) });
      await untilQuiet(entrant);
    }
    const rowsOf = (name: string, take: (room: BoardRoom) => Promise<Measure>) =>
      takeTurns(
        context,
        name,
        rooms.map((room) => ({ contender: room.entrant.contender.name, take: () => take(room) })),
      );
    return [
      {
        name: LONE,
        unit: "µs of CPU a change",
        rows: await rowsOf(LONE, (room) => changeOneByOne(room, CHANGES[context.scale])),
        note:
          "One change after the other, each later than a batch window after the one before. By " +
          "hand: an object in memory, one row and one message, with no check. Ours checks the " +
          "change with a schema of zod.",
      },
      {
        name: BURST,
        unit: "µs of CPU for each change",
        rows: await rowsOf(BURST, changeAtOnce),
        note:
          `Ours joins what leaves within a batch window. The room that sends the whole value gets ` +
          `${AT_ONCE_OF_WHOLE} changes instead.`,
      },
    ];
  });
}

async function changeOneByOne(room: BoardRoom, changes: number): Promise<Measure> {
  const isWhole = room.entrant.contender === wholeBoard;
  const costs: number[] = [];
  let bytes = 0;
  for (let change = 0; change < (isWhole ? CHANGES_OF_WHOLE : changes); change += 1) {
    const { cpuMicroseconds, receivedBytes, received } = await room.put(CONNECTIONS);
    if (received !== CONNECTIONS) throw new Error(`${received} messages came of a change.`);
    costs.push(cpuMicroseconds);
    bytes = receivedBytes;
  }
  return { value: median(costs), beside: { "bytes to each client": bytes / CONNECTIONS } };
}

async function changeAtOnce(room: BoardRoom): Promise<Measure> {
  const { contender } = room.entrant;
  const changes = contender === wholeBoard ? AT_ONCE_OF_WHOLE : AT_ONCE;
  // Ours sends the first change at once, and all others at the end of the window.
  const answers = (contender === board ? 2 : changes) * CONNECTIONS;
  const { cpuMicroseconds, receivedBytes } = await room.entrant.write({
    from: [0],
    texts: room.texts(changes),
    answers,
  });
  const bytes = receivedBytes / changes / CONNECTIONS;
  return {
    value: cpuMicroseconds / changes,
    beside: { "bytes to each client for each change": bytes },
  };
}
