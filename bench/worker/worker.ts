import { Party } from "partyflare";
import { routePartykitRequest } from "partyserver";
import { countsSoFar } from "./cost/meter.ts";
import type { Env } from "./env.ts";
import { livesSoFar } from "./lives.ts";
import { rowsSoFar } from "./rows.ts";

export { Chat, NaiveChat, PartyServerChat } from "./cost/chat-rooms.ts";
export { Cursors, NaiveCursors, PartyServerCursors } from "./cost/cursor-rooms.ts";
export { Dashboard, NaiveDashboard, PartyServerDashboard } from "./cost/dashboard-rooms.ts";
export { Durable, DurableCounted } from "./durable-rooms.ts";
export {
  HandWrittenBoard,
  HandWrittenBoardCounted,
  WholeBoard,
  WholeBoardCounted,
} from "./hand-written-boards.ts";
export { HandWrittenCounted, HandWrittenDurable } from "./hand-written-durable.ts";
export { HandWrittenPresent } from "./hand-written-present.ts";
export { HandWritten, HandWrittenCached } from "./hand-written.ts";
export { Keeping10, Keeping1000, Keeping100000 } from "./keeping-rooms.ts";
export { PartyServerHibernating, PartyServerInMemory } from "./party-server-rooms.ts";
export { Present, PresentListed, PresentMetered } from "./present-rooms.ts";
export { RawHibernating, RawInMemory } from "./raw-rooms.ts";
export { SharedBoard, SharedBoardCounted, ViewedBoard } from "./shared-boards.ts";
export {
  CheckedByValibot,
  CheckedByZod,
  TypedBatched,
  TypedHibernating,
  TypedInMemory,
  TypedLatest,
  TypedUnbatched,
} from "./typed-rooms.ts";

const PARTIES = [
  "RawHibernating",
  "RawInMemory",
  "TypedHibernating",
  "TypedInMemory",
  "TypedBatched",
  "TypedUnbatched",
  "TypedLatest",
  "CheckedByZod",
  "CheckedByValibot",
  "Durable",
  "DurableCounted",
  "Present",
  "PresentListed",
  "PresentMetered",
  "SharedBoard",
  "SharedBoardCounted",
  "ViewedBoard",
  "Keeping10",
  "Keeping1000",
  "Keeping100000",
  "Chat",
  "Cursors",
  "Dashboard",
];

/** Those without a router of their own, by what follows `/hand-written/`. */
function handWritten(env: Env, name: string): DurableObjectNamespace {
  switch (name) {
    case "cached":
      return env.HandWrittenCached;
    case "durable":
      return env.HandWrittenDurable;
    case "counted":
      return env.HandWrittenCounted;
    case "present":
      return env.HandWrittenPresent;
    case "board":
      return env.HandWrittenBoard;
    case "board-counted":
      return env.HandWrittenBoardCounted;
    case "whole-board":
      return env.WholeBoard;
    case "whole-board-counted":
      return env.WholeBoardCounted;
    case "naive-chat":
      return env.NaiveChat;
    case "naive-cursors":
      return env.NaiveCursors;
    case "naive-dashboard":
      return env.NaiveDashboard;
    default:
      return env.HandWritten;
  }
}

/** Every contender is reached as its own documentation says: by its router, under its own prefix. */
export default {
  async fetch(request, env) {
    const [, prefix = "", party = "", room = ""] = new URL(request.url).pathname.split("/");
    switch (prefix) {
      case "hand-written": {
        const rooms = handWritten(env, party);
        return rooms.get(rooms.idFromName(room)).fetch(request);
      }
      case "partyserver":
        return (
          (await routePartykitRequest(request, env, { prefix })) ??
          new Response("Not Found", { status: 404 })
        );
      case "parties":
        return (
          Party.fetchRoomForRequest(request, env, { parties: PARTIES }) ??
          new Response("Not Found", { status: 404 })
        );
      case "counts":
        return Response.json(countsSoFar());
      case "rows":
        return Response.json(rowsSoFar());
      default:
        return new Response(String(livesSoFar()));
    }
  },
} satisfies ExportedHandler<Env>;
