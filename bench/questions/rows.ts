import { rowTables } from "../delivery/rows.ts";
import type { Question } from "../question.ts";

/** What the platform bills beside time and requests. */
export const rows: Question = {
  name: "rows",
  title: "How many rows of SQLite does delivery read and write?",
  ask: rowTables,
};
