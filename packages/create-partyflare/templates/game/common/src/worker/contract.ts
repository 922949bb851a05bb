import { defineContract, type, type SharedOf } from "@partyflare/shared";
import * as z from "zod";

const mark = z.enum(["X", "O"]);

/** What pages and the room exchange, and the value that they share. */
export const game = defineContract({
  shared: z.object({
    /** The nine squares, row by row. */
    board: z.array(mark.nullable()).length(9),
    turn: mark,
    /** The clients that play; null for a free seat. */
    players: z.object({ X: z.string().nullable(), O: z.string().nullable() }),
    /** The winner; "draw" if nobody can win; null while the game runs. */
    result: z.enum(["X", "O", "draw"]).nullable(),
  }),
  calls: {
    /** Takes a free seat. The first one plays X. */
    sit: { output: type<void>(), once: true },
    /** Marks a square: 0 to 8. */
    mark: { input: z.object({ square: z.int().min(0).max(8) }), output: type<void>(), once: true },
    /** Clears the board for another game. */
    restart: { output: type<void>(), once: true },
  },
});

export type Game = SharedOf<typeof game>;

export type Mark = z.infer<typeof mark>;
