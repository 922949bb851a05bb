/** The most characters of a value that an error's text shows. */
const MAX_LENGTH = 200;

/** Returns a value as an error's text shows it. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    // JSON has no NaN.
    if (typeof value !== "number") text = JSON.stringify(value);
  } catch {
    // A value that JSON cannot hold.
  }
  return shortened(text ?? String(value));
}

/** Returns a text of one line that is not too long. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
