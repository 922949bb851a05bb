import { defineContract } from "@partyflare/shared";
import * as v from "valibot";

/** How the poll stands. */
const votes = v.array(v.object({ option: v.string(), votes: v.number() }));

/** How the poll stands, as both sides have it. */
export type Votes = v.InferOutput<typeof votes>;

/** A contract whose schemas are valibot's. */
export const poll = defineContract({
  fromServer: { counted: votes },
  calls: {
    vote: {
      // Transforms apply: the room is given "soup" for " Soup ".
      input: v.object({
        option: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.minLength(1), v.maxLength(40)),
      }),
      output: votes,
      errors: { voted_already: v.object({ option: v.string() }) },
    },
  },
  state: v.object({ option: v.nullable(v.string()) }),
});
