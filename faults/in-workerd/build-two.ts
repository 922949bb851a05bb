import { deployedRoom } from "./deployed-room.ts";

export { Party } from "partyflare";

/** The room as the second build has it: with other options, which lay out its history anew. */
export const Deployed = deployedRoom({ build: 2, keepEvents: 700, batch: false });
