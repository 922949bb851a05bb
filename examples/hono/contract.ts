import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";

/** The events of a notice board. People read it in the room, and write to it by both ways. */
export const board = defineContract({
  fromClient: { pin: z.object({ text: z.string().trim().min(1).max(500) }) },
  fromServer: { pinned: type<{ by: string; text: string }>() },
  state: type<{ user: string }>(),
});
