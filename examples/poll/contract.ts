import { defineContract, type } from "@partyflare/shared";
import * as v from "valibot";

/** A contract whose schemas are valibot's. */
export const poll = defineContract({
  shared: v.object({
    question: v.string(),
    options: v.array(v.string()),
    phase: v.picklist(["open", "closed"]),
    /** The client that may close the poll: the first one in the room. */
    host: v.nullable(v.string()),
    /** The option of each client that has voted. */
    votes: v.record(v.string(), v.string()),
  }),
  calls: {
    vote: {
      // Transforms apply: the room receives "soup" for " Soup ".
      input: v.object({ option: v.pipe(v.string(), v.trim(), v.toLowerCase()) }),
      output: type<void>(),
      once: true,
    },
    close: { output: type<void>(), once: true },
  },
});
