/** `pnpm bench` asks every question, `pnpm bench types` one. */
import { contractTypes } from "./contract-types.ts";

const QUESTIONS = { types: contractTypes };

const asked = process.argv.slice(2).filter((name) => name !== "--");
const unknown = asked.filter((name) => !Object.hasOwn(QUESTIONS, name));
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(", ")}. There is: ${Object.keys(QUESTIONS).join(", ")}.`,
  );
  process.exitCode = 1;
} else {
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    if (asked.length === 0 || asked.includes(name)) ask();
  }
}
