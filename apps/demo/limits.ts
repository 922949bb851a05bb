/** The longest message, in UTF-16 code units, as a text field counts them. */
export const MAX_TEXT_LENGTH = 2_000;

/** The longest name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 40;

/** How many messages a room remembers. */
export const MAX_REMEMBERED = 100;

/** The least time between two restarts of a room, in milliseconds. */
export const RESTART_EVERY_MS = 60_000;

/** For how long somebody's connection is cut who asks for it, in milliseconds. */
export const CUT_MS = 10_000;

/** For how long somebody stays in the list whose last connection is lost, in milliseconds. */
export const GRACE_MS = 3_000;

/** For how long somebody counts as typing after the last key, in milliseconds. */
export const TYPING_MS = 3_000;

/** How many can play a game at once: together, their hands are all the cards there are. */
export const MAX_PLAYERS = 8;

/** How few can play a game. */
export const MIN_PLAYERS = 2;

/** How many cards each player gets, and so how many rounds a game has. */
export const ROUNDS = 5;
