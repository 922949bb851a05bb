import type { ErrorCode } from "./errors";

/** What each code says to people. Never holds a value, a path or a stack. */
export const ERROR_TEXTS: Readonly<Record<ErrorCode, string>> = {
  bad_frame: "A frame is a JSON array that begins with its name.",
  unknown_frame: "The frame's kind is not known here.",
  unknown_event: "The room takes no such event.",
  unknown_call: "The room answers no such call.",
  invalid: "The data is not valid.",
  unauthorized: "Not signed in, or no longer.",
  forbidden: "Not allowed.",
  not_found: "There is nothing here.",
  superseded: "The same client connected anew.",
  too_large: "The message is too large.",
  too_slow: "Messages were not read fast enough.",
  rate_limited: "Too many messages.",
  room_full: "The room is full.",
  internal: "Something went wrong in the room.",
  timeout: "No answer came in time.",
  aborted: "The wait was aborted.",
  disconnected: "The connection was lost.",
  unknown_outcome: "The outcome is unknown.",
};
