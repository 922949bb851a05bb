import type { QuestionContext, Row } from "./question.ts";
import { median } from "./statistics.ts";

/** What one turn of a contender came to. */
export interface Measure {
  /** What the table compares. */
  readonly value: number;
  /** What else was seen, by names that say the unit. */
  readonly beside?: Readonly<Record<string, number>>;
}

/** A contender, and what it does when it is its turn. */
export interface Turn {
  readonly contender: string;
  readonly take: () => Promise<Measure>;
}

/** Until code is compiled and memory has grown. */
const WARM_UPS = 2;

/**
 * Lets contenders take turns: A B C A B C …, so that what the machine does meanwhile meets all of
 * them alike. The first rounds warm up and do not count.
 *
 * @param what is measured, for the progress line.
 */
export async function takeTurns(
  { rounds, progress }: QuestionContext,
  what: string,
  turns: readonly Turn[],
  warmUps = WARM_UPS,
): Promise<Row[]> {
  const measured = turns.map(({ contender }) => ({ contender, measures: [] as Measure[] }));
  for (let round = 1 - warmUps; round <= rounds; round += 1) {
    for (const [index, { contender, take }] of turns.entries()) {
      const where = round > 0 ? `round ${round} of ${rounds}` : "warming up";
      progress(`${what}: ${where}, ${contender}`);
      const measure = await take();
      if (round > 0) measured[index]?.measures.push(measure);
    }
  }
  return measured.map(({ contender, measures }) => ({
    contender,
    values: measures.map(({ value }) => value),
    beside: mediansBeside(measures),
  }));
}

function mediansBeside(measures: readonly Measure[]): Record<string, number> {
  const names = Object.keys(measures[0]?.beside ?? {});
  const medianOf = (name: string) => median(measures.flatMap(({ beside }) => beside?.[name] ?? []));
  return Object.fromEntries(names.map((name) => [name, medianOf(name)]));
}
