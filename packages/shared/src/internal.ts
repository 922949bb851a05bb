// Internal exports for our own packages. They may change with any release.
export {
  askedParameter,
  countFrames,
  decodeClientFrame,
  decodeServerFrame,
  durableFrame,
  encodeCapability,
  encodeCall,
  encodeClientFrame,
  encodeEvent,
  encodeServerFrame,
  encodeSubscription,
  encodeText,
  framesOf,
  fromWireError,
  isSafe,
  like,
  PING,
  PONG,
  toWireError,
} from "./codec";
export type { Example } from "./codec";
export { ERROR_TEXTS } from "./error-texts";
export { CLOSE_CODES, describeErrors, invalidOption, mistake, partyErrorOf } from "./errors";
export type {
  CapabilityFrame,
  ClientFrame,
  EventFrame,
  Operation,
  ServerFrame,
  TextFrame,
  WireClose,
  WireError,
  WireFields,
  WireHistory,
  WireMember,
  WireOnce,
  WirePresence,
  WirePresenceChange,
  WirePresenceRefusal,
  WirePresenceUpdate,
  WireSnapshot,
} from "./frames";
export { isLoopbackHostname, isPrivateHostname } from "./hosts";
export {
  BATCH_WINDOW_MS,
  DEAD_AFTER_MS,
  KEEP_EVENTS,
  KEEP_EVENTS_BYTES,
  KEEP_EVENTS_MS,
  KEEP_RESULTS_MS,
  LOOK_FOR_DEAD_EVERY_MS,
  MAX_ATTACHMENT_BYTES,
  MAX_BAD_FRAMES,
  MAX_BATCH_LENGTH,
  MAX_BATCH_WINDOW_MS,
  MAX_BUFFERED_BYTES,
  MAX_CLOSE_REASON_BYTES,
  MAX_CONNECTIONS,
  MAX_DEBT_MS,
  MAX_HELD_WINDOWS,
  MAX_FRAMES,
  MAX_HISTORY_PAGE,
  MAX_KEPT_CALLS,
  MAX_KEPT_CALLS_LENGTH,
  MAX_CONNECTION_ID_LENGTH,
  MAX_ISSUES,
  MAX_JSON_DEPTH,
  MAX_MESSAGE_BYTES,
  MAX_OPERATIONS,
  MAX_PRESENCE_BYTES,
  MAX_PRESENCE_DEPTH,
  MAX_REPLAY_BYTES,
  MAX_RESULT_LENGTH,
  MAX_RESULTS_BYTES,
  MAX_ROOM_NAME_BYTES,
  MAX_TAGS,
  MAX_TAG_LENGTH,
  MAX_URL_BYTES,
  MAX_WAITING_BYTES,
  MAX_WAITING_MESSAGES,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  PRESENCE_GRACE_MS,
  PRESENCE_MAX_LISTED,
  PRESENCE_WINDOW_MS,
  REPLAY_WITHIN_MS,
  TAKEN_WITHIN_MS,
} from "./limits";
export { decodePosition, encodePosition, isPosition } from "./position";
export type { Position } from "./position";
export { validate } from "./schema";
export {
  base64Url,
  FRAMED_PROTOCOL,
  isOurProtocol,
  offeredProtocols,
  RAW_PROTOCOL,
  readOffer,
} from "./subprotocols";
export type { Credentials, Offer } from "./subprotocols";
export { randomTag } from "./random-tag";
export { checkTags } from "./tags";
export { isThenable } from "./thenable";
export { utf8Length } from "./utf8";
