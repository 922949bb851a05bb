import type { Peer } from "./peers/peer.ts";

/** One way to write a room, as the Worker holds it or as a process of Node does. */
export interface Contender {
  /** As tables show it. */
  readonly name: string;
  /** Where its rooms are: `/parties/raw-hibernating`. Empty for a peer. */
  readonly route: string;
  /** What it is, where it runs on Node. */
  readonly peer?: Peer;
  /** Whether its clients speak frames, and not raw text. */
  readonly isTyped?: boolean;
  /** Whether it may leave memory while its connections stay open. */
  readonly hibernates?: boolean;
  /** Whether its clients use presence. */
  readonly hasPresence?: boolean;
  /** Whether its clients use shared state. */
  readonly hasShared?: boolean;
  /** Whether a message of its may be several frames: of a window, or of what was missed. */
  readonly joinsFrames?: boolean;
}

/** What all the others are measured against: the limit, and what there was before. */
export const LIMIT = "hand-written";
export const RIVAL = "partyserver, hibernating";

/** What most people would take on Node. */
export const SOCKET_IO = "Socket.IO";

/** What Cloudflare's Agents SDK does with a state. */
const WHOLE = "whole value, as Agents";

/** All of them, in the order of their turns. */
export const CONTENDERS = {
  handWritten: { name: LIMIT, route: "/hand-written/plain", hibernates: true },
  handWrittenCached: {
    name: "hand-written, cached set",
    route: "/hand-written/cached",
    hibernates: true,
  },
  silent: {
    name: "hand-written, sending nothing",
    route: "/hand-written/plain",
    hibernates: true,
  },
  rival: { name: RIVAL, route: "/partyserver/party-server-hibernating", hibernates: true },
  rivalInMemory: { name: "partyserver", route: "/partyserver/party-server-in-memory" },
  raw: { name: "Party, hibernating", route: "/parties/raw-hibernating", hibernates: true },
  rawInMemory: { name: "Party", route: "/parties/raw-in-memory" },
  typed: {
    name: "Party, typed, hibernating",
    route: "/parties/typed-hibernating",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  typedInMemory: {
    name: "Party, typed",
    route: "/parties/typed-in-memory",
    isTyped: true,
    joinsFrames: true,
  },
  unbatched: {
    name: "Party, typed, unbatched",
    route: "/parties/typed-unbatched",
    isTyped: true,
    hibernates: true,
  },
  batched: {
    name: "Party, typed, batched 16 ms",
    route: "/parties/typed-batched",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  latest: {
    name: "Party, typed, batched 50 ms, latestBy",
    route: "/parties/typed-latest",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  zod: {
    name: "Party, typed, zod",
    route: "/parties/checked-by-zod",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  valibot: {
    name: "Party, typed, valibot",
    route: "/parties/checked-by-valibot",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  handWrittenDurable: { name: LIMIT, route: "/hand-written/durable", hibernates: true },
  handWrittenOnce: {
    name: "hand-written, which knows repeats",
    route: "/hand-written/durable",
    hibernates: true,
  },
  handWrittenCounted: { name: LIMIT, route: "/hand-written/counted", hibernates: true },
  durable: {
    name: "Party, typed, durable",
    route: "/parties/durable",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  durableCounted: {
    name: "Party, typed, durable",
    route: "/parties/durable-counted",
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  },
  present: present("Party, presence", "present"),
  presentListed: present("Party, presence, all listed", "present-listed"),
  presentMetered: present("Party, presence", "present-metered"),
  handWrittenPresent: { name: LIMIT, route: "/hand-written/present", hibernates: true },
  board: shared("Party, shared state", "shared-board"),
  boardCounted: shared("Party, shared state", "shared-board-counted"),
  boardViewed: shared("Party, shared state, views", "viewed-board"),
  handWrittenBoard: { name: LIMIT, route: "/hand-written/board", hibernates: true },
  handWrittenBoardCounted: { name: LIMIT, route: "/hand-written/board-counted", hibernates: true },
  wholeBoard: { name: WHOLE, route: "/hand-written/whole-board", hibernates: true },
  wholeBoardCounted: {
    name: WHOLE,
    route: "/hand-written/whole-board-counted",
    hibernates: true,
  },
  ws: { name: "ws", route: "", peer: "ws" },
  socketIo: { name: SOCKET_IO, route: "", peer: "socket.io" },
  socketIoRecovering: {
    name: "Socket.IO, recovering",
    route: "",
    peer: "socket.io-recovering",
  },
  keeping10: keeping("10"),
  keeping1000: keeping("1,000"),
  keeping100000: keeping("100,000"),
} as const satisfies Record<string, Contender>;

/** Whether its clients speak Engine.IO within WebSocket. */
export function speaksEngineIo({ peer }: Contender): boolean {
  return peer !== undefined && peer !== "ws";
}

/** A room with presence. Its frames are messages of their own. */
function present<const Name extends string>(name: Name, party: string) {
  return {
    name,
    route: `/parties/${party}`,
    isTyped: true,
    hibernates: true,
    hasPresence: true,
  } as const;
}

/** A room with shared state. A lone change is a message of its own. */
function shared<const Name extends string>(name: Name, party: string) {
  return {
    name,
    route: `/parties/${party}`,
    isTyped: true,
    hibernates: true,
    hasShared: true,
  } as const;
}

/** A durable room that keeps so many events. */
function keeping<const Events extends string>(events: Events) {
  return {
    name: `keepEvents: ${events}`,
    route: `/parties/keeping${events.replaceAll(",", "")}`,
    isTyped: true,
    hibernates: true,
    joinsFrames: true,
  } as const;
}

/** The rooms' classes, as the Worker exports them and binds them. */
export const ROOM_CLASSES = [
  "HandWritten",
  "HandWrittenCached",
  "PartyServerHibernating",
  "PartyServerInMemory",
  "RawHibernating",
  "RawInMemory",
  "TypedHibernating",
  "TypedInMemory",
  "TypedBatched",
  "TypedUnbatched",
  "TypedLatest",
  "CheckedByZod",
  "CheckedByValibot",
  "HandWrittenDurable",
  "HandWrittenCounted",
  "Durable",
  "DurableCounted",
  "Present",
  "PresentListed",
  "PresentMetered",
  "HandWrittenPresent",
  "SharedBoard",
  "SharedBoardCounted",
  "ViewedBoard",
  "HandWrittenBoard",
  "HandWrittenBoardCounted",
  "WholeBoard",
  "WholeBoardCounted",
  "Keeping10",
  "Keeping1000",
  "Keeping100000",
  "Chat",
  "PartyServerChat",
  "NaiveChat",
  "Cursors",
  "PartyServerCursors",
  "NaiveCursors",
  "Dashboard",
  "PartyServerDashboard",
  "NaiveDashboard",
];
