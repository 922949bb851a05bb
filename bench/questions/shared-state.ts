import type { Question, Table } from "../question.ts";
import { changeTables } from "../shared-state/changes.ts";
import { clientTables } from "../shared-state/clients.ts";
import { reconnectTables } from "../shared-state/reconnects.ts";
import { viewTables } from "../shared-state/views.ts";
import { wakeTables } from "../shared-state/wakes.ts";

/** One value that all clients of a room see. */
export const sharedState: Question = {
  name: "shared-state",
  title: "What does it cost to share a large value?",
  async ask(context) {
    const tables: Table[] = [];
    for (const ask of [changeTables, reconnectTables, wakeTables, viewTables, clientTables])
      tables.push(...(await ask(context)));
    return tables;
  },
};
