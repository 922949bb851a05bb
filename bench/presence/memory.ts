import { CONTENDERS, type Contender } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { POINT_TEXT } from "../texts.ts";
import { untilQuiet } from "../until-quiet.ts";
import { roomsOf, shareAll } from "./crowd.ts";

const { typed, present } = CONTENDERS;
const CONTENDERS_HERE: readonly Contender[] = [typed, present];

const PEOPLE = { full: 1_000, quick: 300 };

/** Who has been there before the first look: code takes memory, too. */
const EARLIER = 100;

/** The memory of a whole process before and after many have joined, in new processes each round. */
export async function memberTables(context: QuestionContext): Promise<Table[]> {
  const people = PEOPLE[context.scale];
  const values = CONTENDERS_HERE.map((): number[] => []);
  for (let round = 1; round <= context.rounds; round += 1) {
    context.progress(`memory: round ${round} of ${context.rounds}`);
    const crowd = { connections: people + EARLIER };
    await withEntrants(CONTENDERS_HERE, crowd, async (entrants) => {
      for (const [index, entrant] of entrants.entries()) {
        values[index]?.push(await bytesEach(entrant, people));
      }
    });
  }
  return [
    {
      name: "memory",
      unit: "bytes a connection",
      rows: CONTENDERS_HERE.map(({ name }, index) => ({
        contender: name,
        values: values[index] ?? [],
      })),
      note:
        `${people.toLocaleString("en")} connections, each of which has sent one message. With ` +
        "presence, it is what a member shares, and everyone has been told of all.",
    },
  ];
}

async function bytesEach(entrant: Entrant, people: number): Promise<number> {
  await speakAll(entrant, EARLIER);
  await entrant.close();
  await untilQuiet(entrant);
  const before = entrant.server.residentBytes();
  await speakAll(entrant, people);
  return (entrant.server.residentBytes() - before) / people;
}

async function speakAll(entrant: Entrant, people: number): Promise<void> {
  await entrant.open({ rooms: roomsOf(people) });
  await untilQuiet(entrant);
  if (entrant.contender.hasPresence) return shareAll(entrant, people);
  const from = Array.from({ length: people }, (_, index) => index);
  await entrant.exchange({ from, texts: [POINT_TEXT], answers: 0 });
  await untilQuiet(entrant);
}
