import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";

/** From 0, at the left or the top of the board, to 1. */
const share = z.number().min(0).max(1);

/** What pages and the room exchange. The room checks what pages send. */
export const cursors = defineContract({
  /** What a page shares; null while its pointer is elsewhere. */
  presence: z.object({ cursor: z.object({ x: share, y: share }).nullable() }),
  /** What everybody sees of a person. */
  member: type<{ name: string; hue: number }>(),
});
