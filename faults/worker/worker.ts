import { Party } from "partyflare";
import type { Env } from "./log-room.ts";

export { DurableHibernating, DurableInMemory } from "./durable-room.ts";
export { HooksHibernating, HooksInMemory } from "./hooks-room.ts";
export { HibernatingLog, InMemoryLog, LimitedLog } from "./log-room.ts";

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, {
        parties: [
          "HIBERNATING",
          "IN_MEMORY",
          "LIMITED",
          "DURABLE",
          "DURABLE_IN_MEMORY",
          "HOOKS",
          "HOOKS_IN_MEMORY",
        ],
      }) || new Response("There is no such party.", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
