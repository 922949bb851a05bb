import { comebackTables } from "../delivery/comebacks.ts";
import { writeTables } from "../delivery/writes.ts";
import type { Question } from "../question.ts";

/** Durable events and calls that happen once, against as much as one would write by hand for them. */
export const delivery: Question = {
  name: "delivery",
  title: "What does it cost that nothing is lost, or done twice?",
  ask: async (context) => [...(await writeTables(context)), ...(await comebackTables(context))],
};
