/**
 * Whether a value is a Response. It reads the tag, since `instanceof` is false for a Response of
 * another realm or of another copy's class.
 */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === "[object Response]";
}

/** Whether a value is a Request. */
export function isRequest(value: unknown): value is Request {
  return Object.prototype.toString.call(value) === "[object Request]";
}
