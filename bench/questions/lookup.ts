import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { Question, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { TAGS, tagOf } from "../texts.ts";

const { handWritten, rival, rivalInMemory, raw, rawInMemory } = CONTENDERS;
const CONTENDERS_HERE = [handWritten, rival, rivalInMemory, raw, rawInMemory];

/** What the runtime's file descriptors allow. */
const CONNECTIONS = { full: 9_500, quick: 1_000 };

/** So that a turn takes long enough to be measured. */
const MICROSECONDS_A_TURN = 50_000;
const MOST_LOOKUPS = 500_000;

/** What is looked up: the word that asks for it, and how many there are. */
const TABLES = [
  { name: "by id", word: "ids" },
  { name: "by tag", word: "tags" },
];

/** Finding one connection, or the hundredth part of them that carries a tag. */
export const lookup: Question = {
  name: "lookup",
  title: "What does it cost to find connections by id and by tag?",
  ask: (context) => {
    const connections = CONNECTIONS[context.scale];
    return withEntrants(CONTENDERS_HERE, { connections }, async (entrants) => {
      const rooms = Array.from({ length: connections }, () => "room");
      for (const entrant of entrants) {
        context.progress(`connecting ${connections} to ${entrant.contender.name}`);
        await entrant.open({ rooms, tagOf });
      }
      const tables: Table[] = [];
      for (const { name, word } of TABLES) {
        const many = word === "ids" ? connections : TAGS;
        const turns = entrants.map((entrant) => {
          const found = finder(entrant, word, many);
          return { contender: entrant.contender.name, take: found };
        });
        const rows = await takeTurns(context, name, turns);
        const each = word === "ids" ? "1" : `${connections / TAGS}`;
        const note = `${connections.toLocaleString("en")} connections; a lookup finds ${each}.`;
        tables.push({ name, unit: "µs of CPU a lookup", rows, note });
      }
      return tables;
    });
  },
};

/** Time stands still in the room while it works: it looks up many, and its process is asked. */
function finder(entrant: Entrant, word: string, many: number): () => Promise<Measure> {
  const cost = async (verb: string, lookups: number) => {
    const texts = [`${verb} ${lookups} of ${many}`];
    const { cpuMicroseconds } = await entrant.burst({ from: [0], texts, answers: 1 });
    return cpuMicroseconds;
  };
  let lookups = 50;
  return async () => {
    while (lookups < MOST_LOOKUPS && (await cost(word, lookups)) < MICROSECONDS_A_TURN) {
      lookups *= 2;
    }
    const value = ((await cost(word, lookups)) - (await cost("names", lookups))) / lookups;
    return { value, beside: { "lookups a turn": lookups } };
  };
}
