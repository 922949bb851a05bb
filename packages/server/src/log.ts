const MAX_LINE_LENGTH = 200;

/** Writes one line to the error log: control characters escaped, cut at 200 characters. */
export function logError(where: string, error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : safeString(error);
  // oxlint-disable-next-line no-console -- the default of `onError`, and the only log there is
  console.error(oneLine(`[partyflare] ${where}: ${text}`));
}

function oneLine(text: string): string {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped.length > MAX_LINE_LENGTH ? `${escaped.slice(0, MAX_LINE_LENGTH - 1)}…` : escaped;
}

function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that has no text";
  }
}
