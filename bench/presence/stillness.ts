import { setTimeout as sleep } from "node:timers/promises";
import { PING } from "@partyflare/shared/internal";
import { CONTENDERS } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Table } from "../question.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { roomsOf, shareAll, shareText } from "./crowd.ts";

const PEOPLE = 100;

const STILL_MS = { full: 60_000, quick: 5_000 };

/** More often than our client pings. */
const PING_EVERY_MS = 2_500;

/** Nobody moves, and everyone pings: nothing may wake the room. */
export async function stillTables(context: QuestionContext): Promise<Table[]> {
  const { presentMetered } = CONTENDERS;
  const stillMs = STILL_MS[context.scale];
  return withEntrants([presentMetered], { connections: PEOPLE }, async ([entrant]) => {
    if (!entrant) throw new Error("There is nobody to ask.");
    await entrant.open({ rooms: roomsOf(PEOPLE) });
    await shareAll(entrant, PEOPLE);
    context.progress("the room falls asleep");
    await sleep(ASLEEP_AFTER_MS);
    context.progress(`nobody moves for ${stillMs / 1_000} s`);
    const wakes = await wakesWhile(entrant, () => pingFor(entrant, stillMs));
    if (wakes > 0) throw new Error(`A room in which nobody moves was woken ${wakes} times.`);
    // It slept, and still knows everyone.
    const texts = [shareText({ typing: true }, 1)];
    await awaken(entrant, () => entrant.exchange({ from: [0], texts, answers: PEOPLE }));
    return [
      {
        name: "nobody moves",
        unit: "wakes a minute",
        rows: [{ contender: presentMetered.name, values: [wakes / (stillMs / 60_000)] }],
        note:
          `${PEOPLE} people who share something, and ping every ${PING_EVERY_MS / 1_000} s, for ` +
          `${stillMs / 1_000} s. A request, a message, an alarm or a start of the room counts.`,
      },
    ];
  });
}

async function pingFor(entrant: Entrant, ms: number): Promise<void> {
  const from = Array.from({ length: PEOPLE }, (_, index) => index);
  const times = ms / PING_EVERY_MS;
  await entrant.exchange({
    from,
    texts: [PING],
    answers: PEOPLE,
    times,
    pauseMs: PING_EVERY_MS,
  });
}

/** How often something has woken the room meanwhile, or could have. */
async function wakesWhile({ server }: Entrant, work: () => Promise<void>): Promise<number> {
  const soFar = async () => {
    const { requests, messages } = await server.counts();
    return (await server.lives()) + requests + messages;
  };
  const before = await soFar();
  await work();
  return (await soFar()) - before;
}
