import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";

export const nameSchema = z.string().trim().min(1).max(40);

/** What pages and the room exchange. The room checks what pages send. */
export const chat = defineContract({
  calls: {
    /** Says something, once, also if the connection breaks meanwhile. */
    say: {
      input: z.object({ text: z.string().trim().min(1).max(500) }),
      output: type<void>(),
      once: true,
    },
    rename: { input: z.object({ name: nameSchema }), output: type<{ name: string }>() },
  },
  fromServer: {
    /** Kept by the room: pages that were away get the lines that they missed. */
    said: type<{ by: string; text: string; atMs: number }>(),
  },
  /** What the room knows of a connection. */
  state: type<{ name: string }>(),
  /** What everybody sees of a person. */
  member: type<{ name: string }>(),
});
