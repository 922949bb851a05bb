/** What happens in the three example rooms a day. */

/** Everyone is there for a working day. */
export const OPEN_HOURS = 8;

/** A client that pings by hand does so every 30 s. */
export const PINGS_A_DAY = OPEN_HOURS * 120;

/** 20 people; each says something once a minute. */
export const CHAT = {
  people: 20,
  messagesADay: 20 * OPEN_HOURS * 60,
  /** All together: 5 each. */
  joinsADay: 100,
  /** Messages that are kept for who comes back. */
  kept: 1_000,
  /** Messages that who comes back is sent. */
  missed: 20,
};

/** 50 people, who move their cursors for an hour of the day. */
export const CURSORS = { people: 50, movesASecond: 20, secondsADay: 3_600, joinsADay: 250 };

/** Readers, of whom each comes twice; a backend posts figures every 5 s. */
export const DASHBOARD = { people: 1_000, postsADay: OPEN_HOURS * 720, joinsEachADay: 2 };
