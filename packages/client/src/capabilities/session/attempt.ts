/**
 * The error boundary for storage, locks and their names. They throw in a sandboxed frame, if
 * cookies are blocked, and if storage is full.
 *
 * @returns undefined if the action throws.
 */
export function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
