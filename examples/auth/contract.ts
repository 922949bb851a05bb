import { defineContract } from "@partyflare/shared";
import * as z from "zod";

/** The contract between the page and the room. */
export const lounge = defineContract({
  fromClient: { say: z.object({ text: z.string().trim().min(1).max(500) }) },
  fromServer: { said: z.object({ by: z.string(), text: z.string() }) },
  calls: {
    whoAmI: {
      input: z.void(),
      output: z.object({ name: z.string(), untilMs: z.number() }),
    },
  },
  /** The token's claims: the name, and the expiry in seconds since 1970. */
  state: z.object({ name: z.string(), exp: z.number() }),
});
