import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import { ITEMS, type Name } from "./names";

const itemSchema = z.enum(ITEMS);

const message = z.object({
  /** Chosen by the client, which shows the message before the room has it. */
  id: z.string().max(64),
  text: z.string().min(1).max(120),
});

/** A position in the pane, as parts of its width and height. */
const position = z.object({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });

/** A room of the documentation: messages, a shared list, and pointers. */
export const live = defineContract({
  fromServer: {
    said: message.extend({ by: z.string() }),
  },
  calls: {
    say: { input: message, output: type<void>(), once: true },
    pack: {
      input: z.object({ item: itemSchema, isPacked: z.boolean() }),
      output: type<void>(),
      once: true,
    },
  },
  shared: z.object({
    /** By item, whether it is packed. */
    packed: z.record(itemSchema, z.boolean()),
  }),
  presence: z.object({ pointer: position.nullable() }),
  member: type<{ readonly name: Name }>(),
  state: type<{ readonly name: Name }>(),
});
