import { deployedRoom } from "./deployed-room.ts";

export { Party } from "partyflare";

/** The room as the first build has it. */
export const Deployed = deployedRoom({ build: 1, keepEvents: 1_000, batch: { windowMs: 5 } });
