import { defineContract } from "@partyflare/shared";
import * as z from "zod";

/** What the page and the room say to each other. */
export const lounge = defineContract({
  fromClient: { say: z.object({ text: z.string().trim().min(1).max(500) }) },
  fromServer: { said: z.object({ by: z.string(), text: z.string() }) },
  calls: {
    whoAmI: {
      input: z.void(),
      output: z.object({ name: z.string(), untilMs: z.number() }),
    },
  },
  /** What the token said: who it is, and until when, in seconds since 1970. */
  state: z.object({ name: z.string(), exp: z.number() }),
});
