import { defineContract } from "@partyflare/shared";
import * as v from "valibot";

/** A contract whose schemas are valibot's. */
export const poll = defineContract({
  fromServer: {
    /** The results, sent to everybody after each vote, and to each connection when it opens. */
    counted: v.array(v.object({ option: v.string(), votes: v.number() })),
    /** A person's own vote, sent to all connections of that person. */
    voted: v.object({ option: v.string() }),
  },
  calls: {
    vote: {
      // Transforms apply: the room receives "soup" for " Soup ".
      input: v.object({
        option: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.minLength(1), v.maxLength(40)),
      }),
      output: v.object({ option: v.string() }),
      once: true,
    },
  },
  state: v.object({ user: v.string() }),
});
