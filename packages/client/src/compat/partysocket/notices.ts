const shown = new Set<string>();

/** Shows a warning in the console, once on each page. */
export function warnOnce(text: string): void {
  if (shown.has(text)) return;
  shown.add(text);
  // oxlint-disable-next-line no-console -- it is for the developer
  console.warn(text);
}
