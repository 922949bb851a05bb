/** The longest message, in UTF-16 code units, as a text field counts them. */
export const MAX_TEXT_LENGTH = 2_000;

/** The longest name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 40;
