import { CONTENDERS } from "../contenders.ts";
import { withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { median } from "../statistics.ts";
import { untilQuiet } from "../until-quiet.ts";
import { teamOf } from "./board.ts";
import { BoardRoom, roomsOf } from "./boards.ts";

const { board, boardViewed } = CONTENDERS;
const CONTENDERS_HERE = [board, boardViewed];

const CONNECTIONS = { full: 1_000, quick: 200 };

/** The size of a game, and of a large value. */
const SIZES = [100, 10_000];

const CHANGES = { full: 5, quick: 2 };

/** Each of ten teams has a view of its own, and a change is in all of them. */
export async function viewTables(context: QuestionContext): Promise<Table[]> {
  const tables: Table[] = [];
  for (const entries of SIZES) tables.push(await tableOf(context, entries));
  return tables;
}

function tableOf(context: QuestionContext, entries: number): Promise<Table> {
  const connections = CONNECTIONS[context.scale];
  return withEntrants(CONTENDERS_HERE, { connections }, async (entrants) => {
    const name = `views in 10 groups, ${entries.toLocaleString("en")} entries`;
    const turns = [];
    for (const entrant of entrants) {
      context.progress(`connecting ${connections} to ${entrant.contender.name}`);
      const room = await BoardRoom.filled(entrant, entries);
      await entrant.open({ rooms: roomsOf(connections), tagOf: teamOf });
      await untilQuiet(entrant);
      turns.push({
        contender: entrant.contender.name,
        take: () => change(room, connections, CHANGES[context.scale]),
      });
    }
    const rows = await takeTurns(context, name, turns);
    const note =
      `${connections.toLocaleString("en")} connections, each with the tag of its team. A view ` +
      "leaves out the notes of other teams. All clients are sent the same change.";
    return { name, unit: "µs of CPU a change", rows, note };
  });
}

async function change(room: BoardRoom, connections: number, changes: number): Promise<Measure> {
  const costs: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    costs.push((await room.put(connections)).cpuMicroseconds);
  }
  return { value: median(costs) };
}
