import { setTimeout as sleep } from "node:timers/promises";
import { askedParameter, PING } from "@partyflare/shared/internal";
import { positionIn } from "../delivery/hello.ts";
import type { Cost, Entrant, Missed } from "../entrant.ts";
import { moveText, textOfBytes } from "../texts.ts";
import { ROOM } from "./rooms.ts";
import { CHAT, CURSORS } from "./script.ts";

/** Something that is done in a room, over and over again. */
export interface Deed {
  readonly timesADay: number;
  /** Does it a few times. What `count` is given is what is billed. */
  readonly act: (entrant: Entrant, count: Count) => Promise<void>;
}

/** Has work done, and counts what it comes to. */
type Count = (work: () => Promise<Cost>) => Promise<void>;

/**
 * Longer than any timer that a message sets: the window of a batch, and the check after a durable
 * event. On a day each of them runs to its end.
 */
const PAUSE_MS = 60;
const BYTES = 100;

/** Somebody says something to everyone. */
export function saying(timesADay: number, people: number, times: number): Deed {
  return { timesADay, act: (entrant, count) => count(() => say(entrant, people, times)) };
}

/** A message at a time, and everyone has it before the next. */
export function say(entrant: Entrant, people: number, times: number): Promise<Cost> {
  const texts = [textOfBytes(entrant.contender, "say", BYTES)];
  return entrant.probe({ from: [0], texts, answers: people, times, pauseMs: PAUSE_MS });
}

/** Everyone says so much that the oldest is dropped. */
export async function fill(entrant: Entrant, people: number): Promise<void> {
  const text = textOfBytes(entrant.contender, "say", BYTES);
  const texts = Array.from({ length: Math.ceil((CHAT.kept + 1) / people) }, () => text);
  const from = Array.from({ length: people }, (_, index) => index);
  await entrant.exchange({ from, texts, answers: people * people * texts.length });
}

/** Somebody comes back, is sent what was missed, and leaves again. */
export function comingBack(timesADay: number, people: number, times: number): Deed {
  return {
    timesADay,
    act: async (entrant, count) => {
      const missed = await miss(entrant, people);
      await count(() =>
        entrant.visit({ rooms: roomTimes(times), atOnce: 1, ids: "visitor", missed }),
      );
    },
  };
}

/** Somebody comes, is sent the latest where there is something, and leaves again. */
export function coming(timesADay: number, latest: number, times: number): Deed {
  const missed = { since: "", events: latest };
  return {
    timesADay,
    act: (entrant, count) =>
      count(() => entrant.visit({ rooms: roomTimes(times), atOnce: 1, ids: "visitor", missed })),
  };
}

/** A client asks whether the room is there. */
export function pinging(timesADay: number, times: number): Deed {
  return {
    timesADay,
    act: (entrant, count) =>
      count(() => {
        const texts = [entrant.contender.isTyped ? PING : "ping"];
        return entrant.probe({ from: [0], texts, answers: 1, times, pauseMs: 1 });
      }),
  };
}

/** Everyone moves. @param joined how many moves a client sends as one message. */
export function moving(seconds: number, joined: number): Deed {
  const { people, movesASecond, secondsADay } = CURSORS;
  return {
    // In messages, as the load generator counts them.
    timesADay: (people * movesASecond * secondsADay) / joined,
    act: (entrant, count) =>
      count(() =>
        entrant.storm({
          texts: Array.from({ length: people }, (_, index) => [
            Array.from({ length: joined }, () => moveText(entrant.contender, `c${index}`)).join(
              "\n",
            ),
          ]),
          perSecond: movesASecond / joined,
          seconds,
          receivers: (people - 1) * joined,
        }),
      ),
  };
}

/** A backend posts, and all readers are sent it. */
export function posting(timesADay: number, people: number, times: number): Deed {
  return {
    timesADay,
    act: (entrant, count) =>
      count(() => {
        const { port } = entrant.host;
        const url = `http://127.0.0.1:${port}${entrant.contender.route}/${ROOM}`;
        const body = "x".repeat(BYTES);
        return entrant.publish({ url, body, answers: people, times, pauseMs: PAUSE_MS });
      }),
  };
}

/** What ours is asked for by a position, and what the others send to anyone. */
async function miss(entrant: Entrant, people: number): Promise<Missed> {
  const { isTyped } = entrant.contender;
  const since = isTyped ? `&${askedParameter("history")}=${await positionIn(entrant, ROOM)}` : "";
  const texts = [textOfBytes(entrant.contender, "say", BYTES)];
  await entrant.exchange({ from: [0], texts, answers: people, times: CHAT.missed });
  await sleep(PAUSE_MS);
  return { since, events: CHAT.missed };
}

function roomTimes(times: number): string[] {
  return Array.from({ length: times }, () => ROOM);
}
