import { Party } from "partyflare";
import type { Env as LogEnv } from "./log-room.ts";
import type { CrowdHibernating } from "./presence-room.ts";

export { DurableHibernating, DurableInMemory } from "./durable-room.ts";
export { HooksHibernating, HooksInMemory } from "./hooks-room.ts";
export { CrowdHibernating, CrowdInMemory } from "./presence-room.ts";
export { BoardHibernating, BoardInMemory } from "./shared-room.ts";
export { HibernatingLog, InMemoryLog, LimitedLog } from "./log-room.ts";

interface Env extends LogEnv {
  readonly CROWD?: DurableObjectNamespace<CrowdHibernating>;
  readonly BOARD?: DurableObjectNamespace;
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const room = searchParams.get("sleep");
    if (room !== null) return fallAsleep(env, searchParams.get("party") ?? "", room);
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
          "CROWD",
          "CROWD_IN_MEMORY",
          "BOARD",
          "BOARD_IN_MEMORY",
        ],
      }) || new Response("There is no such party.", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;

/** Has a hibernating room hibernate as soon as no timer of it runs, and not after ten seconds. */
async function fallAsleep({ CROWD, BOARD }: Env, party: string, room: string): Promise<Response> {
  const { default: unsafe } = await import("workerd:unsafe");
  const rooms = party === "board" ? BOARD : CROWD;
  if (rooms) await unsafe.evict(rooms.getByName(room), { webSockets: "hibernate" });
  return new Response();
}
