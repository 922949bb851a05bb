/** The reports that have been written. */
const written = new Set<string>();

/** Writes one line to the console, once for each text, unless a Worker has far too many of them. */
export function reportOnce(text: string): void {
  if (written.has(text) || written.size >= MAX_REPORTS) return;
  written.add(text);
  // oxlint-disable-next-line no-console -- a developer reads it once, after a move
  console.warn(`[partyflare] ${text}`);
}

/** Far more than there are. A text may hold the text of an app's error. */
const MAX_REPORTS = 32;
