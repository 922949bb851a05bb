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
  // `once`: a page repeats a call whose answer was lost, and the room carries it out once.
  calls: {
    /** Votes, or changes the vote. */
    vote: {
      input: z.object({ option: z.string() }),
      output: type<void>(),
      errors: { poll_closed: type<undefined>() },
      once: true,
    },
    /** Ends the vote. Only the host may do so. */
    close: { output: type<void>(), once: true },
  },
});
