import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { median } from "../statistics.ts";
import { QUIET_MS, untilQuiet } from "../until-quiet.ts";
import { roomsOf } from "./crowd.ts";

const { handWrittenPresent, presentListed, present } = CONTENDERS;
const CONTENDERS_HERE = [handWrittenPresent, presentListed, present];

/** Who is there before; each turn adds a few. */
const PEOPLE = { full: 1_000, quick: 600 };
const JOINS_A_TURN = { full: 5, quick: 2 };

const NAME = "a join";

/** Somebody joins a crowd, is sent the list, and everyone is told. */
export async function joinTables(context: QuestionContext): Promise<Table[]> {
  const people = PEOPLE[context.scale];
  const joins = JOINS_A_TURN[context.scale];
  const crowd = { connections: people + joins * (context.rounds + 2) };
  return withEntrants(CONTENDERS_HERE, crowd, async (entrants) => {
    const turns = [];
    for (const entrant of entrants) {
      context.progress(`connecting ${people} to ${entrant.contender.name}`);
      await entrant.open({ rooms: roomsOf(people) });
      await untilQuiet(entrant);
      const joining = new Joining(entrant, people);
      turns.push({ contender: entrant.contender.name, take: () => joining.take(joins) });
    }
    const rows = await takeTurns(context, NAME, turns, 1);
    const note =
      `Into a room of ${people.toLocaleString("en")} and a few. With its defaults, presence lists ` +
      "500 of them. By hand: a map, the list to the newcomer, and a message to each of the others.";
    return [{ name: NAME, unit: "µs of CPU a join", rows, note }];
  });
}

class Joining {
  readonly #entrant: Entrant;
  #people: number;

  constructor(entrant: Entrant, people: number) {
    this.#entrant = entrant;
    this.#people = people;
  }

  /** @returns the middle of a few joins, one after the other. */
  async take(joins: number): Promise<Measure> {
    const costs: number[] = [];
    for (let join = 0; join < joins; join += 1) {
      await sleep(QUIET_MS);
      // What is told of the newcomer: to the others, and with presence to the newcomer too.
      const told = this.#people + (this.#entrant.contender.hasPresence ? 1 : 0);
      // By hand, the list is what our rooms send with their hello.
      const events = this.#entrant.contender.isTyped ? told : told + 1;
      const { cpuMicroseconds } = await this.#entrant.arrive({
        rooms: roomsOf(1),
        ids: `joins-${this.#people}-`,
        missed: { since: "", events },
      });
      this.#people += 1;
      costs.push(cpuMicroseconds);
    }
    return { value: median(costs) };
  }
}
