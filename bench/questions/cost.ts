import { costTables } from "../cost/tables.ts";
import type { Question } from "../question.ts";

/** What the platform bills a room for: counted in a run, and reckoned up for a day. */
export const cost: Question = {
  name: "cost",
  title: "What does a room cost in money?",
  ask: costTables,
};
