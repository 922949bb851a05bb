const MAX_LINE_LENGTH = 200;

/** Frames of a stack, its causes included: V8 takes 10 of each error, and 20 show where it began. */
const MAX_STACK_LINES = 20;

/** All lines together, in characters. A line of an error log is cut at some size anyway. */
const MAX_STACK_LENGTH = 4_096;

/**
 * Writes to the error log: one line that says what happened and where, cut at 200 characters, and
 * below it the stack of an error and of its causes. Control characters are escaped. Never throws.
 */
export function logError(where: string, error: unknown): void {
  const lines = [
    oneLine(`[partyflare] ${where}: ${safely(() => textOf(error))}`),
    ...stackOf(error),
  ];
  // oxlint-disable-next-line no-console -- the default of `onError`, and the only log there is
  console.error(lines.join("\n"));
}

/** The lines of a stack, and what each cause says above its own. */
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

/** The frames of `error.stack`, without the message above them: the one line has it. */
function framesOf(error: Error): string[] {
  const stack = safely(() => error.stack);
  const message = safely(() => error.message);
  // A message may have lines of its own, and they may look like frames.
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

/** Of another realm, too. Both questions run code of a Proxy, which may throw. */
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

/** A text that something thrown gives of itself: any code may run, and any value come back. */
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
  // Cut first: a text of megabytes is not searched for what is not shown.
  const escaped = text
    .slice(0, MAX_LINE_LENGTH)
    .replaceAll(
      /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  const isWhole = text.length <= MAX_LINE_LENGTH && escaped.length <= MAX_LINE_LENGTH;
  return isWhole ? escaped : `${escaped.slice(0, MAX_LINE_LENGTH - 1)}…`;
}
