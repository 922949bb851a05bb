import { describe, expect, it } from "vitest";
import { allMarkdown } from "./documents";

/** A piece of text that is found although a rule refuses it, with the reason why it may stay. */
interface Exception {
  readonly path: string;
  readonly text: string;
  readonly reason: string;
}

const EXCEPTIONS: readonly Exception[] = [];

/** Markdown is wrapped at this column: `printWidth` of `.oxfmtrc.json`. */
const MAX_COLUMNS = 100;

/** Verbs after a bare "who" or "what". Others end with `s` or `ed`. */
const VERBS =
  /^(?:is|are|was|were|has|have|had|does|do|did|can|cannot|may|must|might|will|would|should|never|always|still|only|came|come|sent|went|left|lost|made|put)$/;

/** Words after a "what" that is no subject, and that end as verbs do: "What clients send is checked". */
const PLURALS =
  /^(?:calls|clients|connections|events|frames|handlers|hooks|messages|pages|parties|people|results|rooms|tabs|tags|tests|users|others|this)$/;

/** Private metaphors, and the standard words that replace them. */
const METAPHORS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bsigns? of life\b/i, "heartbeat, ping"],
  [/\b(?:come|comes|came|coming) back\b/i, "reconnect, return"],
  [/\b(?:is|are|was|were|be|been|being) told\b/i, "gets, receives"],
  [/\bwhat (?:waits|waited|is waiting)\b/i, "queued messages, buffered frames"],
  [/\bwithout a word\b/i, "without a Close frame, silently"],
  [/\bgoodbye\b/i, "Close frame"],
  [/\bfor the better\b/i, "improves"],
  [/\bnone of (?:them|these) compiles?\b/i, "is a compile error"],
  [/\b(?:comes?|came) to\b/i, "name the actor and the verb"],
  [
    /\b(?:room|client|page|library|server|platform|table|contract|browser|party)s? (?:wants?|says?|hears?)\b/i,
    "needs, sends, receives, lists",
  ],
];

const pages = allMarkdown().map(({ path, text }) => ({ path, lines: proseLines(text) }));

describe("a page of Markdown", () => {
  it.each(pages)("is wrapped: $path", ({ lines }) => {
    const long = lines.filter(
      ({ text }) => text.length > MAX_COLUMNS && !isTable(text) && !isLinks(text),
    );
    expect(long.map(({ number, text }) => `${number}: ${text}`)).toEqual([]);
  });

  it.each(pages)('has no bare "who" or "what" as a subject: $path', ({ path, lines }) => {
    expect(refused(path, sentences(lines), bareSubject)).toEqual([]);
  });

  it.each(pages)("has no private metaphors: $path", ({ path, lines }) => {
    expect(refused(path, sentences(lines), metaphor)).toEqual([]);
  });
});

describe("the check of prose", () => {
  const found = (text: string) =>
    sentences(proseLines(text)).flatMap(({ text: sentence }) => bareSubject(sentence) ?? []);

  it.each([
    "Who wants answers speaks frames.",
    "It ends.\nWhat was sent may be lost.",
    "- **Who** connects: the token.",
    "| cell | Whoever asks gets it |",
    "First: what. What\nis left is dropped.",
  ])("refuses a bare subject: %s", (text) => {
    expect(found(text)).toHaveLength(1);
  });

  it.each([
    "What is a room?",
    "What the room sends is not checked.",
    "What clients send is checked.",
    "Clients that never ping are not timed out, whoever sent them.",
    "## What is not valid",
    "```\nWho is here\n```",
  ])("takes a sentence: %s", (text) => {
    expect(found(text)).toEqual([]);
  });

  it("knows no exception that is not needed", () => {
    const needless = EXCEPTIONS.filter(
      ({ path, text }) =>
        !sentences(pages.find((page) => page.path === path)?.lines ?? []).some((sentence) =>
          sentence.text.includes(text),
        ),
    );
    expect(needless).toEqual([]);
  });
});

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The lines of a page that are not code, not generated, and not a comment. */
function proseLines(text: string): Line[] {
  const blank = (block: string) => block.replaceAll(/[^\n]/g, "");
  return text
    .replaceAll(/^ *```[^]*?^ *```$/gm, blank)
    .replaceAll(/<!-- results: [^]*?<!-- \/results -->/g, blank)
    .replaceAll(/<!--[^]*?-->/g, blank)
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line }));
}

function isTable(text: string): boolean {
  return /^\s*\|/.test(text);
}

/** Whether a line is one link or more, or a link's address, which cannot be wrapped. */
function isLinks(text: string): boolean {
  const rest = text.replaceAll(/!?\[[^\]]*\]\([^)]*\)/g, "").replace(/^\[[^\]]*\]: \S+$/, "");
  return /^[\s\p{P}]*$/u.test(rest);
}

/** Sentences, cells and items, without marks and links' addresses, each with its first line. */
function sentences(lines: readonly Line[]): Line[] {
  const blocks: { number: number; text: string }[] = [];
  let isOpen = false;
  for (const { number, text } of lines) {
    const begins = /^\s*(?:[-*>|#]|\d+\.)/.test(text);
    const last = blocks.at(-1);
    if (text.trim() === "") isOpen = false;
    else if (isOpen && !begins && last) last.text += ` ${text.trim()}`;
    else {
      // A heading is no sentence.
      isOpen = !/^#+ /.test(text);
      if (isOpen) blocks.push({ number, text: text.trim() });
    }
  }
  return blocks.flatMap(({ number, text }) =>
    withoutMarks(text)
      .split(/\s\|\s|(?<=[.!?:;])\s+/)
      .map((sentence) => ({ number, text: sentence.replace(/^[\s|>#-]+|^\d+\.\s/, "") })),
  );
}

function withoutMarks(text: string): string {
  return text
    .replaceAll(/`[^`]*`/g, "`…`")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll("**", "")
    .replaceAll(/\b_|_\b/g, "");
}

/** The beginning of a sentence whose subject is a bare "who" or "what"; a question may have it. */
function bareSubject(sentence: string): string | undefined {
  if (sentence.endsWith("?")) return undefined;
  const [, pronoun = "", next = ""] = /^(Who|What|Whoever|Whatever) ([\w']+)/.exec(sentence) ?? [];
  const isVerb = VERBS.test(next) || (/(?:s|ed)$/.test(next) && !PLURALS.test(next));
  return isVerb ? `${pronoun} ${next} …` : undefined;
}

function metaphor(sentence: string): string | undefined {
  const [pattern, instead] = METAPHORS.find(([refuses]) => refuses.test(sentence)) ?? [];
  return pattern && `${pattern.exec(sentence)?.[0]}: ${instead}`;
}

/** What a rule finds in sentences, but for the exceptions of the page. */
function refused(
  path: string,
  found: readonly Line[],
  rule: (sentence: string) => string | undefined,
): string[] {
  const allowed = EXCEPTIONS.filter((exception) => exception.path === path);
  return found
    .filter(({ text }) => !allowed.some((exception) => text.includes(exception.text)))
    .flatMap(({ number, text }) => {
      const fault = rule(text);
      return fault === undefined ? [] : `${number}: ${fault}: ${text}`;
    });
}
