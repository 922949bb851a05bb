import { eventually } from "@partyflare/harness/wait";
import { check, checkRoom } from "../harness/check.ts";
import type { ClientRecord, ClientSpec } from "../harness/client-messages.ts";
import { Clients } from "../harness/clients.ts";
import { handshake } from "../harness/handshake.ts";
import { numbersOf } from "../harness/schedule.ts";
import { type PartyName, Workerd } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const RACERS = 50;
const FOREIGN_RACERS = 10;
const ROUNDS = { ci: 3, long: 50, planted: 1 };
const PARTIES: readonly PartyName[] = ["hibernating", "in-memory"];
const ENDED_WITHIN_MS = 15_000;

/** What each race is run in. */
interface Course {
  readonly workerd: Workerd;
  readonly clients: Clients;
  readonly party: PartyName;
  readonly room: string;
  /** From which the keys come. */
  readonly seed: number;
  /** How long the end may take to settle, in ms. */
  readonly withinMs: number;
}

const RACES = { sameKey, ownKeys, noKeys, heldKey, foreignPage };

/**
 * Many connections race for one id at once: with one key, with keys of their own, with none, while
 * another's key holds it, and from a page of another host. One winner, or none where there may be
 * none; the others are closed as they should be, and the room lists whom it should.
 */
export async function racers({ seed, scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const clients = await Clients.start(library);
  let races = 0;
  try {
    for (const round of numbersOf(seed, ROUNDS[scale], 0, 2 ** 30)) {
      for (const party of PARTIES) {
        for (const [name, race] of Object.entries(RACES)) {
          const room = `${name}-${round}`;
          const withinMs = settledWithinMs({ scale, library });
          const course = { workerd, clients, party, room, seed: round, withinMs };
          await race(course).catch((cause: unknown) => {
            const reason = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`${name}, ${party}: ${reason}`, { cause });
          });
          races += 1;
        }
      }
    }
    return { counts: { races, racers: RACERS } };
  } finally {
    await clients.stop();
    await workerd.stop();
  }
}

/** One client, many times: the newest wins, and the others are told that they are superseded. */
async function sameKey(course: Course): Promise<void> {
  const [key = ""] = keysOf(course.seed, 1);
  const records = await race(
    course,
    Array.from({ length: RACERS }, () => key),
  );
  expectEnd(records, { open: 1, 4409: RACERS - 1 });
}

/** Many clients that claim one id: the first has it. */
async function ownKeys(course: Course): Promise<void> {
  const records = await race(course, keysOf(course.seed, RACERS));
  expectEnd(records, { open: 1, 4403: RACERS - 1 });
}

/** Clients that prove nothing: the newest wins. */
async function noKeys({ workerd, party, room }: Course): Promise<void> {
  const url = `${workerd.roomUrl(party, room)}?_pk=racer`;
  const hands = await Promise.all(Array.from({ length: RACERS }, () => handshake(url)));
  check(
    hands.every(({ status }) => status === 101),
    "a racer without a key was refused",
  );
  try {
    await eventually("one racer without a key is left", ENDED_WITHIN_MS, async () => {
      const { visits, connections } = await workerd.report(party, room);
      const closes = visits.map((visit) => String(visit.closes)).toSorted();
      check(connections.length === 1, `${connections.length} connections are listed`);
      check(visits.length === RACERS, `${visits.length} have connected`);
      check(closes[0] === "" && closes[1] === "4409", `closed with ${closes.join("; ")}`);
      return true;
    });
  } finally {
    for (const { socket } of hands) socket?.destroy();
  }
}

/** Nobody gets an id that another's key holds, with a key or without, and its holder stays. */
async function heldKey(course: Course): Promise<void> {
  const { workerd, clients, party, room } = course;
  const [held = "", ...keys] = keysOf(course.seed, RACERS + 1);
  const holder: ClientSpec = { ...specOf(course, held), name: `${party}-${room}-holder` };
  await clients.open([holder]);
  await clients.allBecome("open", [holder.name], ENDED_WITHIN_MS);
  const without = handshake(`${workerd.roomUrl(party, room)}?_pk=racer`);
  const records = await race(course, keys, [holder.name]);
  check((await without).status === 403, "a racer without a key was not refused");
  expectEnd(records, { open: 1, 4403: RACERS });
  check(clients.statusOf(holder.name) === undefined, "the holder was not closed at the end");
  check(records[0]?.opens === 1, "the holder has lost its connection");
}

/** A page of another host gets nothing, and the room does not hear of it. */
async function foreignPage({ workerd, party, room }: Course): Promise<void> {
  const url = `${workerd.roomUrl(party, room)}?_pk=racer`;
  const ask = () => handshake(url, { Origin: "https://foreign.example" });
  const hands = await Promise.all(Array.from({ length: FOREIGN_RACERS }, ask));
  for (const { socket } of hands) socket?.destroy();
  const statuses = new Set(hands.map(({ status }) => status));
  check(statuses.size === 1 && statuses.has(403), `answered with ${[...statuses].join(", ")}`);
  const { visits } = await workerd.report(party, room);
  check(visits.length === 0, `${visits.length} connections from a foreign page were let in`);
}

/** Opens one client for each key, all at once, waits until it is decided, and closes them all. */
async function race(
  course: Course,
  keys: readonly string[],
  others: readonly string[] = [],
): Promise<ClientRecord[]> {
  const { workerd, clients, party, room, withinMs } = course;
  const specs = keys.map((key, index) => {
    return { ...specOf(course, key), name: `${party}-${room}-${index}` };
  });
  const names = [...others, ...specs.map(({ name }) => name)];
  await clients.open(specs);
  await eventually("one racer is left", ENDED_WITHIN_MS, () => {
    const open = names.filter((name) => clients.statusOf(name)?.state !== "closed");
    const states = open.map((name) => clients.statusOf(name)?.state);
    check(String(states) === "open", `still ${states.join(", ")}`);
    return true;
  });
  const records = await checkRoom({ workerd, clients }, { party, room, names, withinMs });
  await clients.close(names);
  return records;
}

function specOf({ workerd, party, room }: Course, key: string): Omit<ClientSpec, "name"> {
  return { host: workerd.host, party, room, id: "racer", key };
}

/** Keys as `randomKey()` makes them, but the same for the same seed. */
function keysOf(seed: number, count: number): string[] {
  const bytes = numbersOf(seed, count * 16, 0, 255);
  return Array.from({ length: count }, (_, index) =>
    Buffer.from(bytes.slice(index * 16, index * 16 + 16)).toString("base64url"),
  );
}

/** How many are open, and how many were closed with which code. */
function expectEnd(records: readonly ClientRecord[], expected: Record<string, number>): void {
  const seen: Record<string, number> = {};
  for (const { status } of records) {
    const end = status.state === "open" ? "open" : String(status.error?.closeCode);
    seen[end] = (seen[end] ?? 0) + 1;
  }
  const ends = Object.entries(expected);
  const isSo = ends.every(([end, count]) => seen[end] === count);
  check(isSo && Object.keys(seen).length === ends.length, `ended with ${JSON.stringify(seen)}`);
}
