/** A kind of project. */
export interface Template {
  /** Its name on the command line, and that of its folder in `templates`. */
  readonly name: string;
  /** The class of its room, and the name of the binding. */
  readonly party: string;
  /** What it shows, in a list of templates. */
  readonly hint: string;
}

/** All templates; the first is the default. */
export const TEMPLATES: readonly [Template, ...Template[]] = [
  { name: "chat", party: "Chat", hint: "messages with history, and the names of everyone here" },
  { name: "cursors", party: "Cursors", hint: "everyone's pointer, live" },
  { name: "poll", party: "Poll", hint: "one vote for each browser, and the results live" },
  { name: "game", party: "Game", hint: "noughts and crosses, with the rules in the room" },
];

/** The two ways to write the page; the first is the default. */
export const FRAMEWORKS = ["react", "vanilla"] as const;

/** How the page is written. */
export type Framework = (typeof FRAMEWORKS)[number];

/** How people call each of them. */
export const FRAMEWORK_TITLES: Readonly<Record<Framework, string>> = {
  react: "React",
  vanilla: "vanilla TypeScript",
};
