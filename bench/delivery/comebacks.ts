import { askedParameter } from "@partyflare/shared/internal";
import type { LoadReport } from "../load/messages.ts";
import { CONTENDERS } from "../contenders.ts";
import { type Entrant, type Missed, withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { type Measure, takeTurns } from "../rounds.ts";
import { textOfBytes } from "../texts.ts";
import { positionIn } from "./hello.ts";
import { ROOM } from "./work.ts";

const CONTENDERS_HERE = [CONTENDERS.handWrittenDurable, CONTENDERS.durable];

/** Events that each has missed. */
const MISSED = 100;
const BYTES = 100;

/** Who comes back one after the other, for how long that takes. */
const ONE_BY_ONE = { full: 100, quick: 20 };

/** Who comes back at once, as after a deploy. */
const AT_ONCE = { full: 1_000, quick: 100 };

/** A client comes back and is sent what it has missed: one after the other, and all at once. */
export async function comebackTables(context: QuestionContext): Promise<Table[]> {
  const clients = AT_ONCE[context.scale];
  return withEntrants(CONTENDERS_HERE, { connections: clients + 1 }, async (entrants) => {
    const returns = entrants.map((entrant) => new Returns(entrant));
    const rowsOf = (name: string, take: (each: Returns) => Promise<Measure>) =>
      takeTurns(
        context,
        name,
        returns.map((each) => ({ contender: each.entrant.contender.name, take: () => take(each) })),
      );
    const one = `${MISSED} missed events`;
    const crowd = `${MISSED} missed events, to ${clients.toLocaleString("en")} at once`;
    return [
      {
        name: one,
        unit: "ms until the last is there, p50",
        rows: await rowsOf(one, (each) => each.oneByOne(ONE_BY_ONE[context.scale])),
        note: "From the request for a WebSocket on, one client after the other. By hand: a message each.",
      },
      {
        name: crowd,
        unit: "µs of CPU a client",
        rows: await rowsOf(crowd, (each) => each.allAtOnce(clients)),
      },
    ];
  });
}

/** Comebacks to one room. */
class Returns {
  readonly entrant: Entrant;
  /** Events so far. */
  #head = 0;

  constructor(entrant: Entrant) {
    this.entrant = entrant;
  }

  async oneByOne(clients: number): Promise<Measure> {
    const missed = await this.#miss();
    const timed = await this.entrant.comeBack({ rooms: roomsOf(clients), atOnce: 1, missed });
    this.#check(timed, clients);
    return { value: timed.p50Ms, beside: { "p95 in ms": timed.p95Ms } };
  }

  async allAtOnce(clients: number): Promise<Measure> {
    const missed = await this.#miss();
    const rooms = roomsOf(clients);
    const { cpuMicroseconds } = await this.entrant.arrive({ rooms, missed });
    await this.entrant.close();
    const timed = await this.entrant.comeBack({ rooms, atOnce: clients, missed });
    this.#check(timed, clients);
    return { value: cpuMicroseconds / clients, beside: { "ms until all have all": timed.p50Ms } };
  }

  /** Who has been waited for may have been sent too much. */
  #check({ received }: LoadReport, clients: number): void {
    const hellos = this.entrant.contender.isTyped ? 1 : 0;
    const expected = clients * (hellos + MISSED);
    if (received !== expected) throw new Error(`${received} events came, and not ${expected}.`);
  }

  /** Events that are sent while nobody listens but who causes them. */
  async #miss(): Promise<Missed> {
    await this.#say(1);
    const since = await this.#since();
    await this.#say(MISSED);
    return { since, events: MISSED };
  }

  async #say(events: number): Promise<void> {
    const text = textOfBytes(this.entrant.contender, "say", BYTES);
    const texts = Array.from({ length: events }, () => text);
    await this.entrant.open({ rooms: [ROOM] });
    await this.entrant.exchange({ from: [0], texts, answers: events });
    await this.entrant.close();
    this.#head += events;
  }

  /** Where everyone has come to. */
  async #since(): Promise<string> {
    if (!this.entrant.contender.isTyped) return `&after=${this.#head}`;
    return `&${askedParameter("history")}=${await positionIn(this.entrant, ROOM)}`;
  }
}

function roomsOf(clients: number): string[] {
  return Array.from({ length: clients }, () => ROOM);
}
