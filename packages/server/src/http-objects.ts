/**
 * Whether a value is a Response. By its tag: one of another realm, or of a class that extends
 * another copy's, is no instance of this one's class.
 */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === "[object Response]";
}

/** Whether a value is a Request. */
export function isRequest(value: unknown): value is Request {
  return Object.prototype.toString.call(value) === "[object Request]";
}
