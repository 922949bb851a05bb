/**
 * Whether a value is a promise, or can be awaited like one. It may be a function, like the promise
 * of an RPC call.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function"
  );
}
