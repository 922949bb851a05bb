import { errorPage, partyErrorOf } from "@partyflare/shared/internal";

const MAX_LINE_LENGTH = 200;

/** The most stack frames, causes included. V8 gives 10 for each error, and 20 show the origin. */
const MAX_STACK_LINES = 20;

/** The length of all lines together, in characters. Logs cut longer lines anyway. */
const MAX_STACK_LENGTH = 4_096;

/**
 * Writes an error to the log. One line of at most 200 characters names the place and the error. For
 * an error with one of the library's codes, a line with the address of the code's page follows. Then
 * come the stacks of the error and its causes. Control characters are escaped. It never throws.
 */
export function logError(where: string, error: unknown): void {
  const lines = [
    oneLine(`[partyflare] ${where}: ${safely(() => textOf(error))}`),
    ...pageOf(error),
    ...stackOf(error),
  ];
  // oxlint-disable-next-line no-console -- the default of `onError`, and the only log there is
  console.error(lines.join("\n"));
}

/** Returns the line with the page of an error's code, if it is one of the library's. */
function pageOf(error: unknown): string[] {
  const page = safely(() => errorPage(partyErrorOf(error)?.code ?? ""));
  return page.startsWith("https:") ? [`  see ${page}`] : [];
}

/** Returns the lines of a stack, with the message of each cause above its own. */
function stackOf(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  let length = 0;
  const add = (line: string): boolean => {
    const escaped = oneLine(line);
    length += escaped.length + 1;
    if (lines.length >= MAX_STACK_LINES || length > MAX_STACK_LENGTH) return false;
    lines.push(escaped);
    return true;
  };
  for (let each = error; isError(each) && !seen.has(each); each = causeOf(each)) {
    seen.add(each);
    const current = each;
    if (current !== error && !add(`  caused by ${safely(() => textOf(current))}`)) break;
    if (!framesOf(current).every(add)) break;
  }
  return lines;
}

/** Returns the frames of `error.stack`. The message above them is in the first line already. */
function framesOf(error: Error): string[] {
  const stack = safely(() => error.stack);
  const message = safely(() => error.message);
  // A message may have lines of its own that look like frames.
  const start = stack.indexOf(message);
  const below = start === -1 ? 0 : start + message.length;
  return stack
    .slice(below, below + MAX_STACK_LENGTH)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}

function causeOf(error: Error): unknown {
  try {
    return error.cause;
  } catch {
    return undefined;
  }
}

/**
 * Whether a value is an error, also of another realm. Both checks run code of a Proxy, which may
 * throw.
 */
function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
  } catch {
    return false;
  }
}

function textOf(error: unknown): string {
  return isError(error) ? `${error.name}: ${error.message}` : String(error);
}

/** Reads a text from a thrown value. The read may run any code and return any value. */
function safely(read: () => unknown): string {
  try {
    const value = read();
    // oxlint-disable-next-line typescript/no-base-to-string -- `[object Object]` is a text as well
    return value === undefined ? "" : String(value);
  } catch {
    return "a value that has no text";
  }
}

function oneLine(text: string): string {
  // Cut first, so that a text of megabytes is not searched in full.
  const escaped = text
    .slice(0, MAX_LINE_LENGTH)
    .replaceAll(
      /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  const isWhole = text.length <= MAX_LINE_LENGTH && escaped.length <= MAX_LINE_LENGTH;
  return isWhole ? escaped : `${escaped.slice(0, MAX_LINE_LENGTH - 1)}…`;
}
