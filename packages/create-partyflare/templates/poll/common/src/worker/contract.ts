import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";

/** What pages and the room exchange, and the value that they share. */
export const poll = defineContract({
  shared: z.object({
    question: z.string(),
    options: z.array(z.string()),
    isOpen: z.boolean(),
    /** The client that may close the poll: the first one in the room. */
    host: z.string().nullable(),
    /** The option of each client that has voted. */
    votes: z.record(z.string(), z.string()),
  }),
  calls: {
    /** Votes, or changes the vote. */
    vote: { input: z.object({ option: z.string() }), output: type<void>(), once: true },
    close: { output: type<void>(), once: true },
  },
});
