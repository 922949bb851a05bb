/**
 * Whether a value is a promise, or may be awaited like one. It may be a function: the promise of an
 * RPC call is.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function"
  );
}
