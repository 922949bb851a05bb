import { cursorTables } from "../presence/cursors.ts";
import { joinTables } from "../presence/joins.ts";
import { memberTables } from "../presence/memory.ts";
import { stillTables } from "../presence/stillness.ts";
import type { Question, Table } from "../question.ts";

/** Who is here, and what each of them shares. */
export const presence: Question = {
  name: "presence",
  title: "What does it cost to show who is here?",
  async ask(context) {
    const tables: Table[] = [];
    for (const ask of [cursorTables, joinTables, memberTables, stillTables]) {
      tables.push(...(await ask(context)));
    }
    return tables;
  },
};
