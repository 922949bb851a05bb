import { defineContract, type, type SharedOf } from "@partyflare/shared";
import * as z from "zod";

/** A card from 1 to 60. A card that the client may not see is 0. */
const card = z.int().min(0).max(60);

const player = z.object({
  /** The player's client. */
  id: z.string(),
  name: z.string(),
  hand: z.array(card),
  /** The card that the player has played in this round; null if none. */
  played: card.nullable(),
  points: z.int(),
});

/** A game of cards for 2 to 8 players. The highest card of a round gets a point. */
export const game = defineContract({
  shared: z.object({
    phase: z.enum(["waiting", "playing", "over"]),
    players: z.array(player).max(8),
    /** The cards of the last round, by player. */
    last: z.record(z.string(), card),
    /** The client that sees this value. `view` fills it in. */
    you: z.string(),
  }),
  calls: {
    join: {
      input: z.object({ name: z.string().trim().min(1).max(20) }),
      output: type<void>(),
      once: true,
    },
    deal: { output: type<void>(), once: true },
    play: { input: z.object({ card }), output: type<void>(), once: true },
  },
});

/** The whole game, as only the room knows it. */
export type GameState = SharedOf<typeof game>;

export type Player = GameState["players"][number];
