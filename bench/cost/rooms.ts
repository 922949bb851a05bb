import { type Contender, RIVAL } from "../contenders.ts";

/** Our room of an example, the same on partyserver, and what one would write first. */
export interface Rooms {
  readonly ours: Contender;
  readonly partyserver: Contender;
  readonly naive: Contender;
}

export const CHAT_ROOMS = roomsOf("chat");
export const CURSOR_ROOMS = roomsOf("cursors");
export const DASHBOARD_ROOMS = roomsOf("dashboard");

/** The one room of each. */
export const ROOM = "room";

function roomsOf(name: string): Rooms {
  return {
    ours: {
      name: "Party, typed, hibernating",
      route: `/parties/${name}`,
      isTyped: true,
      hibernates: true,
      joinsFrames: true,
    },
    partyserver: { name: RIVAL, route: `/partyserver/party-server-${name}`, hibernates: true },
    naive: { name: "naive, in memory", route: `/hand-written/naive-${name}` },
  };
}
