import { defineContract } from "@partyflare/shared";
import * as z from "zod";

const name = z.string().trim().min(1).max(40);

const line = z.object({ by: z.string(), text: z.string() });

/** A line as everybody sees it. */
export type Line = z.infer<typeof line>;

/** What the page and the room say to each other. The room checks what arrives against it. */
export const chat = defineContract({
  fromClient: {
    say: z.object({ text: z.string().trim().min(1).max(500) }),
  },
  fromServer: {
    /** Sent to whoever comes: what was said before, the oldest first. */
    history: z.array(line),
    said: line,
    /** Sent to everybody whenever it changes: the names of those who are here. */
    here: z.array(z.string()),
  },
  calls: {
    rename: {
      input: z.object({ name }),
      output: z.object({ name: z.string() }),
      errors: { name_taken: z.object({ suggestion: z.string() }) },
    },
  },
  state: z.object({ name }),
});
