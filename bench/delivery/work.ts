import { MAX_OPERATIONS } from "@partyflare/shared/internal";
import { CONTENDERS } from "../contenders.ts";
import type { Entrant } from "../entrant.ts";
import { onceText, textOfBytes } from "../texts.ts";
import { sinceIn } from "./hello.ts";

/** What is asked of a room with durable events, again and again. */
export interface Work {
  /** What it comes to, for people: `an event`. */
  readonly thing: string;
  /** Messages that come of one. */
  readonly answers: number;
  /** What the first connection says so that so many things are done. None is like one before. */
  readonly texts: (count: number) => readonly string[];
}

/** The room of all of it. */
export const ROOM = "room";

/** Who is there. */
export const CONNECTIONS = 10;

const BYTES = 100;

/** Something is said, written, and then sent to everyone. */
export function eventWork({ contender }: Entrant): Work {
  const text = textOfBytes(contender, "say", BYTES);
  return {
    thing: "an event",
    answers: CONNECTIONS,
    texts: (count) => Array.from({ length: count }, () => text),
  };
}

/** A call is carried out, written together with its result, and answered. */
export async function callWork(entrant: Entrant): Promise<Work> {
  const { contender } = entrant;
  const since = contender.isTyped ? await sinceIn(entrant, ROOM) : "";
  const name = contender === CONTENDERS.handWrittenOnce ? "add-unless-done" : "add";
  let last = 0;
  return {
    thing: "a call",
    answers: 1,
    texts: (count) =>
      Array.from({ length: count }, () => {
        last += 1;
        // As of a client that has as many calls unanswered as may be.
        const oldest = Math.max(1, last - MAX_OPERATIONS + 1);
        const operation = { page: "page", number: last, oldest, since, repeat: false };
        return onceText(contender, operation, name);
      }),
  };
}
