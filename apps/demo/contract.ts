import { defineContract, type } from "@partyflare/shared";
import * as z from "zod";
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from "./limits";

/** A person in a room. Two tabs of one browser are one person. */
export interface Person {
  /** Public, the same at every visit, and no secret of the visitor can be told from it. */
  readonly id: string;
  readonly name: string;
}

/** Something that was said. */
export interface ChatMessage {
  /** Chosen by whoever said it: by this their page knows it again. */
  readonly id: string;
  /** The id of the person who said it. */
  readonly person: string;
  /** The person's name at that time. */
  readonly name: string;
  readonly text: string;
  /** When the room heard it, in milliseconds since 1970. */
  readonly atMs: number;
}

/** A name as everyone sees it: one line, cut to `MAX_NAME_LENGTH`. */
export const nameSchema = z.string().overwrite(cleanName).min(1, "A name is not empty.");

const idSchema = z.string().regex(/^[\w-]{8,64}$/, "An id is 8 to 64 letters or digits.");

const textSchema = z
  .string()
  .trim()
  .min(1, "There is nothing in it.")
  .max(MAX_TEXT_LENGTH, `A message has at most ${MAX_TEXT_LENGTH} characters.`);

/**
 * What the browser and the room say to each other. The browser imports its type alone.
 *
 * What comes from browsers is checked, by zod. What comes from the room is the room's own work:
 * its types are enough.
 */
export const chat = defineContract({
  fromClient: {
    /** Cuts this connection, for a while: to see that nothing is missed by it. */
    cut: type<void>(),
  },
  calls: {
    /** Returns an id of the room's memory. Pages call it at every connection. */
    life: { input: type<void>(), output: type<string>() },
    /** Says something. However often connections are lost and pages reloaded meanwhile, it is said once. */
    post: {
      input: z.object({ id: idSchema, text: textSchema }),
      output: type<void>(),
      once: true,
    },
    /**
     * Resets the room's memory, which ends every connection. It shows that nothing is lost by that.
     * The room answers only where it refuses: the call ends with its connection.
     */
    restart: { input: type<void>(), output: type<void>() },
    /** Answers with the name as everyone sees it. */
    rename: {
      input: z.object({ name: nameSchema }),
      output: type<{ readonly name: string }>(),
    },
  },
  fromServer: {
    /** Durable: who was away is told, too. */
    said: type<ChatMessage>(),
  },
  /** What each page tells of itself. */
  presence: z.object({ typing: z.boolean() }),
  /** What everyone sees of a person. */
  member: type<{ readonly name: string }>(),
  /** Whom a connection belongs to. */
  state: type<Person>(),
});

/** From 0, at the left or the top, to 1. */
const shareSchema = z.number().min(0).max(1);

/** The canvas of a room: everyone's cursors. */
export const canvas = defineContract({
  presence: z.object({
    /** Null while the pointer is elsewhere. */
    cursor: z.object({ x: shareSchema, y: shareSchema }).nullable(),
    /** How often the pointer has moved in the last second: a naive room would send each move. */
    moves: z.number().int().min(0).max(1_000),
  }),
  member: type<{ readonly name: string }>(),
  state: type<Person>(),
});

/** A poll: one vote for each browser, which its voter may change. */
export const poll = defineContract({
  calls: {
    /** Votes, or changes the vote. */
    vote: { input: z.object({ option: z.string() }), output: type<void>(), once: true },
    /** Closes or reopens the poll. Only its host may. */
    setOpen: { input: z.object({ isOpen: z.boolean() }), output: type<void>(), once: true },
  },
  shared: z.object({
    question: z.string(),
    options: z.array(z.object({ id: z.string(), text: z.string(), votes: z.int().min(0) })),
    /** The id of each client's option, by client. A client gets its own alone. */
    votes: z.record(z.string(), z.string()),
    isOpen: z.boolean(),
    /** The client that came first; null before that. */
    host: z.string().nullable(),
  }),
});

/** A card: its rank from 1 to 10, and the letter of its suit. */
const cardSchema = z.templateLiteral([
  z.enum(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
  z.enum(["C", "D", "H", "S"]),
]);

/** A game of cards: the highest card that nobody else matches wins a round. */
export const game = defineContract({
  calls: {
    /** Takes a seat. */
    join: { input: type<void>(), output: type<void>(), once: true },
    /** Leaves the seat. */
    leave: { input: type<void>(), output: type<void>(), once: true },
    /** Deals the cards of a new game. */
    deal: { input: type<void>(), output: type<void>(), once: true },
    /** Plays a card of the own hand, face down. */
    play: { input: z.object({ card: cardSchema }), output: type<void>(), once: true },
    /** Takes the seats of players who are not here. */
    goOn: { input: type<void>(), output: type<void>(), once: true },
  },
  shared: z.object({
    phase: z.enum(["waiting", "playing", "over"]),
    /** From 1; 0 before the first game. */
    round: z.int().min(0),
    players: z.array(
      z.object({
        /** The player's client. */
        id: z.string(),
        name: z.string(),
        /** How many rounds the player has won. */
        score: z.int().min(0),
        /** How many cards the player's hand has. */
        cards: z.int().min(0),
        /** Whether the player has played a card in this round. */
        hasPlayed: z.boolean(),
      }),
    ),
    /** By client. A client gets its own hand alone. */
    hands: z.record(z.string(), z.array(cardSchema)),
    /** The cards of this round, face down, by client. A client gets its own card alone. */
    faceDown: z.record(z.string(), cardSchema),
    /** The last round: the cards by client, and the client that won. */
    last: z
      .object({
        round: z.int(),
        cards: z.record(z.string(), cardSchema),
        winner: z.string().nullable(),
      })
      .nullable(),
  }),
  member: type<{ readonly name: string }>(),
  state: type<Pick<Person, "name">>(),
});

/** Without control and bidirectional characters, nor half of a surrogate pair that the cut left. */
function cleanName(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Cs}\p{Bidi_Control}\s]+/gu, " ").trim();
  return line
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trim();
}
