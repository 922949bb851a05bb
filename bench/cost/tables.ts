import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "../contenders.ts";
import { type Entrant, withEntrants } from "../entrant.ts";
import type { QuestionContext, Row, Table } from "../question.ts";
import { ASLEEP_AFTER_MS, awaken } from "../sleep.ts";
import { wakesOf } from "./day.ts";
import { coming, comingBack, fill, moving, pinging, posting, say, saying } from "./deeds.ts";
import { MeteredRoom } from "./meter.ts";
import { bill, PRICES_AS_OF, PRICES_URL, type Usage } from "./prices.ts";
import { CHAT_ROOMS, CURSOR_ROOMS, DASHBOARD_ROOMS, ROOM, type Rooms } from "./rooms.ts";
import { CHAT, CURSORS, DASHBOARD, OPEN_HOURS, PINGS_A_DAY } from "./script.ts";

const DAYS_A_MONTH = 30;

/** How often each thing is done, and for how long everyone moves. */
const TIMES = { full: 100, quick: 4 };
const POSTS = { full: 50, quick: 4 };
const MOVES_FOR_SECONDS = { full: 10, quick: 0.2 };

/** Whoever reads, of whom a few show as much. */
const READERS = { full: DASHBOARD.people, quick: DASHBOARD.people / 10 };

const JOINED = { name: "Party, typed, hibernating; clients with batchMs: 100", moves: 2 };

/** What three rooms cost a month, each as ours, on partyserver, and as one would write it first. */
export async function costTables(context: QuestionContext): Promise<Table[]> {
  const all = [chatTable, cursorsTable, dashboardTable];
  // What they are billed for is counted alike; the time they take is not looked at in a quick run.
  if (context.scale === "quick") return Promise.all(all.map((table) => table(context)));
  const tables: Table[] = [];
  for (const table of all) tables.push(await table(context));
  return tables;
}

function chatTable({ scale, progress }: QuestionContext): Promise<Table> {
  const { people, messagesADay, joinsADay, missed } = CHAT;
  return withEntrants(all(CHAT_ROOMS), { connections: people + 1 }, async (entrants) => {
    // In a quick run no room falls asleep: all messages are taken to find it awake.
    const wakesADay = scale === "full" ? wakesOf({ messages: messagesADay, hours: OPEN_HOURS }) : 0;
    const times = TIMES[scale];
    const rooms = entrants.map((entrant) => new MeteredRoom(entrant));
    for (const room of rooms) {
      const { contender } = room.entrant;
      const sleeps = contender.hibernates ? wakesADay : 0;
      progress(`a chat of ${people}: ${contender.name}`);
      await openFor(room.entrant, people);
      await fill(room.entrant, people);
      await room.do(saying(messagesADay - sleeps, people, times));
      await room.do(comingBack(joinsADay, people, times));
      if (pings(contender)) await room.do(pinging(people * PINGS_A_DAY, times));
    }
    if (wakesADay > 0) {
      progress("rooms fall asleep");
      await sleep(ASLEEP_AFTER_MS);
      const wake = (entrant: Entrant) => awaken(entrant, () => say(entrant, people, 1));
      for (const room of rooms.filter(({ entrant }) => entrant.contender.hibernates)) {
        await room.doOnce({
          timesADay: wakesADay,
          act: (entrant, count) => count(() => wake(entrant)),
        });
      }
    }
    return tableOf(
      `a chat of ${people}`,
      rooms.map((room) => {
        const { name, hibernates = false } = room.entrant.contender;
        return rowOf(name, room.day, { "wakes a day": hibernates ? Math.round(wakesADay) : 0 });
      }),
      `${people} people for ${OPEN_HOURS} hours: each sends 100 B once a minute, reconnects ` +
        `${joinsADay / people} times, and receives the ${missed} messages that were missed. The ` +
        `rooms keep the latest 1,000; the naive room keeps all of them, by time.`,
    );
  });
}

function cursorsTable({ scale, progress }: QuestionContext): Promise<Table> {
  const { people, joinsADay, movesASecond, secondsADay } = CURSORS;
  const { ours } = CURSOR_ROOMS;
  const contenders = [ours, { ...ours, name: JOINED.name }, ...others(CURSOR_ROOMS)];
  return withEntrants(contenders, { connections: people + 1 }, async (entrants) => {
    const rooms = entrants.map((entrant) => new MeteredRoom(entrant));
    for (const room of rooms) {
      const { contender } = room.entrant;
      progress(`cursors of ${people}: ${contender.name}`);
      await openFor(room.entrant, people);
      const joined = contender.name === JOINED.name ? JOINED.moves : 1;
      await room.do(moving(MOVES_FOR_SECONDS[scale], joined));
      await room.do(coming(joinsADay, 0, TIMES[scale]));
      if (pings(contender)) await room.do(pinging(people * PINGS_A_DAY, TIMES[scale]));
    }
    return tableOf(
      `cursors of ${people}`,
      rooms.map((room) => rowOf(room.entrant.contender.name, room.day)),
      `${people} people for ${OPEN_HOURS} hours, who move for ${secondsADay / 60} minutes, ` +
        `${movesASecond} times a second each, and everyone sees everyone. Nothing is written.`,
    );
  });
}

function dashboardTable({ scale, progress }: QuestionContext): Promise<Table> {
  const { joinsEachADay, postsADay } = DASHBOARD;
  const people = READERS[scale];
  const contenders = all(DASHBOARD_ROOMS);
  return withEntrants(contenders, { connections: people + 1 }, async (entrants) => {
    const rooms = entrants.map((entrant) => new MeteredRoom(entrant));
    for (const room of rooms) {
      const { contender } = room.entrant;
      progress(`a dashboard of ${people}: ${contender.name}`);
      await openFor(room.entrant, people);
      await room.do(posting(postsADay, people, POSTS[scale]));
      await room.do(coming(people * joinsEachADay, 1, TIMES[scale]));
      if (pings(contender)) await room.do(pinging(people * PINGS_A_DAY, TIMES[scale]));
    }
    return tableOf(
      `a dashboard with ${people.toLocaleString("en")} readers`,
      rooms.map((room) => rowOf(room.entrant.contender.name, room.day)),
      `${people.toLocaleString("en")} readers for ${OPEN_HOURS} hours, who connect ` +
        `${joinsEachADay} times each. A backend posts figures every ` +
        `${(OPEN_HOURS * 3_600) / postsADay} s, 100 B, which are kept for readers that come later.`,
    );
  });
}

function openFor(entrant: Entrant, people: number): Promise<unknown> {
  return entrant.open({ rooms: Array.from({ length: people }, () => ROOM) });
}

/** partysocket asks for no sign of life; ours does, and a naive client too. */
function pings({ isTyped, hibernates }: Contender): boolean {
  return isTyped === true || hibernates !== true;
}

function all({ ours, partyserver, naive }: Rooms): Contender[] {
  return [ours, partyserver, naive];
}

function others({ partyserver, naive }: Rooms): Contender[] {
  return [partyserver, naive];
}

function rowOf(contender: string, day: Usage, beside: Row["beside"] = {}): Row {
  const { requests, rowsRead, rowsWritten, gigabyteSeconds, dollars } = bill(day);
  return {
    contender,
    values: [dollars * DAYS_A_MONTH],
    beside: {
      "requests a day": Math.round(requests),
      "rows written a day": Math.round(rowsWritten),
      "rows read a day": Math.round(rowsRead),
      "GB-s a day": gigabyteSeconds,
      ...beside,
    },
  };
}

function tableOf(name: string, rows: Row[], note: string): Table {
  const prices = `Prices of ${PRICES_AS_OF}: ${PRICES_URL}.`;
  return { name, unit: `$ a month, of ${DAYS_A_MONTH} such days`, rows, note: `${note} ${prices}` };
}
