import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { askedParameter } from "@partyflare/shared/internal";
import { describe, inject } from "vitest";
import { Party } from "../src/index";
import { type DurableRoom, type DurableScript, durableScripts } from "./durable-party";
import { type PresenceScript, presenceScripts, type PresenceTestRoom } from "./presence-party";
import { type Script, type ScriptedRoom, scripts } from "./parties";
import { type SeamRoom, type SeamScript, seamScripts } from "./seam-party";
import { type SharedScript, sharedScripts, type SharedTestRoom } from "./shared-party";
import { type TypedRoom, type TypedScript, typedScripts } from "./typed-parties";
import { openRoom as openByKit, type TestRoom as OpenRoom } from "../src/testing/index";
import { TestSocket } from "./test-socket";

/** A room under test whose clients are real ones. */
export interface SteppedRoom<Room extends Party> extends OpenRoom<Room> {
  /** Puts the room to sleep, if this kind sleeps between the steps of a test. */
  step(): Promise<void>;
}

/** A room under test. */
export interface TestRoom<Room extends Party = ScriptedRoom> {
  readonly name: string;
  readonly stub: DurableObjectStub<Room>;
  /** What its hooks have noted, over all its lives. */
  readonly log: string[];
  /** Opens the room for real clients, with the test kit. */
  kit(): Promise<SteppedRoom<Room>>;
  /** Asks for a WebSocket, through the Worker. */
  upgrade(query?: string, init?: RequestInit): Promise<Response>;
  /** A connection that is open. */
  connect(query?: string, protocols?: string[]): Promise<TestSocket>;
  /** A plain request, through the Worker. */
  request(path?: string, init?: RequestInit): Promise<Response>;
  /** Puts the room to sleep, where this kind can; its connections stay. */
  sleep(): Promise<void>;
}

interface Kind {
  readonly title: string;
  readonly party: "IN_MEMORY" | "HIBERNATING";
  /** Whether the room sleeps after every step of a test. */
  readonly sleepsBetween: boolean;
}

const IN_MEMORY: Kind = { title: "in memory", party: "IN_MEMORY", sleepsBetween: false };
const HIBERNATING: Kind = { title: "hibernating", party: "HIBERNATING", sleepsBetween: false };
const ASLEEP: Kind = {
  title: "hibernating, asleep between any two steps",
  party: "HIBERNATING",
  sleepsBetween: true,
};

/**
 * Returns the kinds of rooms that sleep, for a group of tests. One that sleeps at every step shows
 * most of what one that may sleep shows. So the quick run leaves out the latter, and `test:all` tries
 * it with one group of five: all at scale 1.
 */
function thatSleep(group: string): readonly Kind[] {
  const isTried = !inject("isQuick") && ((inject("scale") ?? 1) >= 1 || group.length % 5 === 0);
  return isTried ? [HIBERNATING, ASLEEP] : [ASLEEP];
}

function kindsFor(group: string): readonly Kind[] {
  return [IN_MEMORY, ...thatSleep(group)];
}

/** Runs the same tests over every kind of room. */
export function describeRooms(title: string, tests: (open: (script: Script) => TestRoom) => void) {
  describe.each(kindsFor(title))(`${title} ($title)`, (kind) =>
    tests((script) => openRoom(kind, script)),
  );
}

/** Like `describeRooms`, for what only rooms that can sleep do. */
export function describeHibernatingRooms(
  title: string,
  tests: (open: (script: Script) => TestRoom) => void,
) {
  describe.each(thatSleep(title))(`${title} ($title)`, (kind) =>
    tests((script) => openRoom(kind, script)),
  );
}

/** A room with limits that a test can reach. */
export function openStrictRoom(
  script: Script,
  party: "STRICT" | "STRICT_IN_MEMORY" | "IMPATIENT" = "STRICT",
): TestRoom {
  const room = roomOf<ScriptedRoom>(party, { sleepsBetween: false });
  scripts.set(room.name, script);
  return room;
}

/** Kinds of rooms of the contract. Two have the default batch window. */
export type TypedParty =
  | "BATCHED"
  | "BATCHED_IN_MEMORY"
  | "HIBERNATING_TYPED"
  | "IN_MEMORY_TYPED"
  | "UNBATCHED";

/** A room of the contract, of which a test says the kind. */
export function openTypedRoom(party: TypedParty, script: TypedScript): TestRoom<TypedRoom> {
  const room = roomOf<TypedRoom>(party, { sleepsBetween: false });
  typedScripts.set(room.name, script);
  return room;
}

/** A room whose events are durable, of which a test says the kind. It sleeps only where the test does. */
export function openDurableRoom(
  party: "IN_MEMORY_DURABLE" | "HIBERNATING_DURABLE",
  script: DurableScript = {},
  { sleepsBetween = false }: { sleepsBetween?: boolean } = {},
): TestRoom<DurableRoom> {
  const room = roomOf<DurableRoom>(party, { sleepsBetween });
  durableScripts.set(room.name, script);
  return room;
}

/** The same over rooms with presence. */
export function describePresenceRooms(
  title: string,
  tests: (open: (script?: PresenceScript) => TestRoom<PresenceTestRoom>) => void,
  kinds: "all" | "awake" | "hibernating" = "all",
) {
  // A room with a timer does not sleep, and the pool would wait for it.
  const chosen = {
    all: kindsFor(title),
    awake: [IN_MEMORY, HIBERNATING],
    hibernating: thatSleep(title),
  }[kinds];
  describe.each(chosen)(`${title} ($title)`, (kind) =>
    tests((script = {}) => {
      const party = kind.party === "IN_MEMORY" ? "PRESENCE_IN_MEMORY" : "PRESENCE";
      const room = roomOf<PresenceTestRoom>(party, kind);
      presenceScripts.set(room.name, script);
      return room;
    }),
  );
}

/** A room with presence and history. */
export function openPresenceHistoryRoom(): TestRoom<PresenceTestRoom> {
  return roomOf("PRESENCE_HISTORY", { sleepsBetween: false });
}

const SHARED_PARTIES = ["SHARED", "SHARED_IN_MEMORY", "SHARED_UNBATCHED"] as const;

/** Kinds of rooms with shared state. The last one has no batch window. */
export type SharedParty = (typeof SHARED_PARTIES)[number];

/** The same over rooms with shared state. */
export function describeSharedRooms(
  title: string,
  tests: (open: (script?: SharedScript) => TestRoom<SharedTestRoom>, party: SharedParty) => void,
  kinds: "all" | "batched" | "hibernating" = "all",
) {
  const parties = SHARED_PARTIES.filter(
    (party) => kinds === "all" || !party.includes(kinds === "batched" ? "UNBATCHED" : "IN_MEMORY"),
  );
  describe.each(parties)(`${title} (%s)`, (party) =>
    tests((script = {}) => {
      const room = roomOf<SharedTestRoom>(party, { sleepsBetween: false });
      sharedScripts.set(room.name, script);
      return room;
    }, party),
  );
}

/** The same over rooms whose events are durable. */
export function describeDurableRooms(
  title: string,
  tests: (open: (script?: DurableScript) => TestRoom<DurableRoom>, party: Kind["party"]) => void,
) {
  describe.each(kindsFor(title))(`${title} ($title)`, (kind) =>
    tests((script = {}) => {
      const room = roomOf<DurableRoom>(`${kind.party}_DURABLE`, kind);
      durableScripts.set(room.name, script);
      return room;
    }, kind.party),
  );
}

/** The same over the rooms of a contract. */
export function describeTypedRooms(
  title: string,
  tests: (open: (script: TypedScript) => TestRoom<TypedRoom>) => void,
) {
  describe.each(kindsFor(title))(`${title} ($title)`, (kind) =>
    tests((script) => {
      const room = roomOf<TypedRoom>(`${kind.party}_TYPED`, kind);
      typedScripts.set(room.name, script);
      return room;
    }),
  );
}

/** The same over rooms with capabilities of the test's own. Their clients ask for none by themselves. */
export function describeSeamRooms(
  title: string,
  tests: (open: (script?: SeamScript) => TestRoom<SeamRoom>, party: Kind["party"]) => void,
) {
  describe.each(kindsFor(title))(`${title} ($title)`, (kind) =>
    tests((script = {}) => openSeamRoom(`${kind.party}_SEAM`, script, kind), kind.party),
  );
}

/** A room with capabilities of the test's own, of which a test says the kind. */
export function openSeamRoom(
  party: `${Kind["party"]}_SEAM` | "SEAM_ALARM",
  script: SeamScript = {},
  { sleepsBetween = false }: { sleepsBetween?: boolean } = {},
): TestRoom<SeamRoom> {
  const room = roomOf<SeamRoom>(party, { sleepsBetween });
  seamScripts.set(room.name, script);
  return room;
}

function openRoom(kind: Kind, script: Script): TestRoom {
  const room = roomOf<ScriptedRoom>(kind.party, kind);
  scripts.set(room.name, script);
  return room;
}

/** A room of its own for one test. */
function roomOf<Room extends Party>(
  party:
    | Kind["party"]
    | `${Kind["party"]}_DURABLE`
    | `${Kind["party"]}_SEAM`
    | TypedParty
    | "IMPATIENT"
    | "PRESENCE"
    | "PRESENCE_HISTORY"
    | "PRESENCE_IN_MEMORY"
    | "SEAM_ALARM"
    | SharedParty
    | "STRICT"
    | "STRICT_IN_MEMORY",
  { sleepsBetween }: Pick<Kind, "sleepsBetween">,
): TestRoom<Room> {
  const name = `room-${crypto.randomUUID()}`;
  const namespace = env[party] as unknown as DurableObjectNamespace<Room>;
  const stub = Party.withRoom(namespace, name);
  const url = `https://example.com/parties/${party}/${name}`;

  async function sleep() {
    if (party.includes("IN_MEMORY")) return;
    await evictDurableObject(stub).catch((error: unknown) => {
      // Nobody has woken it since the last time.
      if (!String(error).includes("not currently running")) throw error;
    });
  }
  async function between() {
    if (sleepsBetween) await sleep();
  }
  const room: TestRoom<Room> = {
    name,
    stub,
    log: [],
    sleep,
    async kit() {
      const opened = await openByKit<Room>(namespace, name);
      return Object.assign(opened, {
        step: async () => void (sleepsBetween && (await opened.sleep())),
      });
    },
    async upgrade(query = "", init = {}) {
      const headers = new Headers(init.headers);
      headers.set("Upgrade", "websocket");
      const response = await exports.default.fetch(`${url}${query}`, { ...init, headers });
      return response.webSocket ? response : read(response);
    },
    async connect(query = "", protocols) {
      const headers = protocols && { "Sec-WebSocket-Protocol": protocols.join(", ") };
      const isOurs = protocols?.includes("partyflare.1") && !party.endsWith("_SEAM");
      const asked = isOurs ? withCoreCapabilities(query) : query;
      const { status, webSocket } = await room.upgrade(asked, headers && { headers });
      if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
      // Only once it has been accepted: a room with messages on their way cannot sleep.
      const socket = new TestSocket(webSocket, between);
      await between();
      return socket;
    },
    async request(path = "", init) {
      const response = await exports.default.fetch(`${url}${path}`, init);
      const answer = await read(response);
      await between();
      return answer;
    },
  };
  return room;
}

/** The query of our client, which always asks for what its core reads. */
function withCoreCapabilities(query: string): string {
  const asked = new URLSearchParams(query);
  for (const name of ["history", "once"]) {
    const parameter = askedParameter(name);
    if (!asked.has(parameter)) asked.set(parameter, "");
  }
  return `?${asked.toString()}`;
}

/** The same response, read: a room whose answer has not been read cannot sleep. */
async function read(response: Response): Promise<Response> {
  return new Response(await response.arrayBuffer(), response);
}
