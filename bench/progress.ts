const ERASE_LINE = "\r\u001b[2K";

/** Shows how far it is, on one line that is written over. Nothing where nobody looks. */
export function showProgress(text: string): void {
  const { isTTY, columns } = process.stderr;
  if (isTTY) process.stderr.write(`${ERASE_LINE}${text.slice(0, columns - 1)}`);
}
