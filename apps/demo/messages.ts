/** What the browser and the room say to each other: JSON text, one message each, two closed unions. */

/** The longest message, in UTF-16 code units, as a text field counts them. */
export const MAX_TEXT_LENGTH = 2_000;

/** The longest name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 40;

/** How many messages a room remembers. */
export const HISTORY_LENGTH = 100;

/** Somebody in the room. Two tabs of one browser are one person. */
export interface Person {
  /** Public, the same at every visit, and no secret of the visitor can be told from it. */
  readonly id: string;
  readonly name: string;
}

/** Something that was said. */
export interface ChatMessage {
  /** Chosen by whoever said it, so that it can be sent twice and is heard once. */
  readonly id: string;
  /** The id of the person who said it. */
  readonly person: string;
  /** The person's name at that time. */
  readonly name: string;
  readonly text: string;
  /** When the room heard it, in milliseconds since 1970. */
  readonly atMs: number;
}

/** From the browser. The room ignores what is anything else. */
export type ClientMessage =
  /** First of all, on every connection. `key` is the visitor's secret; it is never passed on. */
  | { readonly type: "join"; readonly key: string; readonly name: string }
  | { readonly type: "rename"; readonly name: string }
  | { readonly type: "say"; readonly id: string; readonly text: string };

/** From the room. */
export type ServerMessage =
  /** The answer to `join`: the id the room knows you by, who is here, and what was said, oldest first. */
  | {
      readonly type: "welcome";
      readonly you: string;
      readonly people: readonly Person[];
      readonly history: readonly ChatMessage[];
    }
  /** Everyone who is here, whenever that has changed. */
  | { readonly type: "people"; readonly people: readonly Person[] }
  | { readonly type: "said"; readonly message: ChatMessage };

/**
 * A name as everyone sees it: one line, without control or bidirectional characters, cut to
 * `MAX_NAME_LENGTH`. Empty where nothing is left; then it is no name.
 */
export function cleanName(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Cs}\p{Bidi_Control}\s]+/gu, " ").trim();
  return withoutHalfCharacter(line.slice(0, MAX_NAME_LENGTH)).trim();
}

/** A text as it is sent: without blank ends. Empty where nothing is left; then it is not sent. */
export function cleanText(text: string): string {
  return withoutHalfCharacter(text.trim().slice(0, MAX_TEXT_LENGTH)).trim();
}

/** A cut may leave the first half of a surrogate pair behind. */
function withoutHalfCharacter(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, "");
}
