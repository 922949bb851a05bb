import { defineContract } from "@partyflare/shared";
import * as z from "zod";

const name = z.string().trim().min(1).max(40);

const line = z.object({ by: z.string(), text: z.string() });

/** One line of the chat. */
export type Line = z.infer<typeof line>;

/** The events and calls of a chat. The room checks incoming data against them. */
export const chat = defineContract({
  fromClient: {
    say: z.object({ text: z.string().trim().min(1).max(500) }),
  },
  fromServer: {
    /** Durable: clients that were away receive the lines that they missed. */
    said: line,
    /** The names of the visitors, sent to everybody when they change. */
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
