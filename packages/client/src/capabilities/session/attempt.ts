/**
 * The boundary around everything that a page may be refused: storage, locks and their names, which
 * throw in a sandboxed frame and where cookies are blocked; storage that is full.
 *
 * @returns undefined where it throws.
 */
export function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
