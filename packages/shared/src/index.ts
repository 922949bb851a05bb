export {
  DEFAULT_PREFIX,
  normalizePartyName,
  normalizeRoomName,
  parseRoomPath,
  roomPath,
} from "./address";
export type { RoomAddress, RoomPathParts } from "./address";
export {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeEvent,
  encodeServerFrame,
  encodeText,
  fromWireError,
  PING,
  PONG,
  splitFrames,
  toWireError,
} from "./codec";
export { defineContract, isUnchecked, type } from "./contract";
export type { CallDefinition, Contract, Schema } from "./contract";
export type {
  CallErrorOf,
  CallInput,
  CallName,
  CallOutput,
  CallsOf,
  ClientEvent,
  ClientEventName,
  DataArguments,
  EventsOf,
  ReceivedEvent,
  ReceivedInput,
  ServerEvent,
  ServerEventName,
  StateOf,
  TagOf,
} from "./contract-types";
export { ERRORS, isRetriedCloseCode, PartyError } from "./errors";
export type { AnyErrorCode, ErrorCode, Issue, PartyErrorOptions } from "./errors";
export type {
  ClientFrame,
  EventFrame,
  ServerFrame,
  TextFrame,
  WireClose,
  WireError,
} from "./frames";
export { isLoopbackHostname, isPrivateHostname } from "./hosts";
export * as limits from "./limits";
export type { Message, SendableMessage } from "./messages";
export { validate } from "./schema";
export {
  base64Url,
  FRAMED_PROTOCOL,
  isOurProtocol,
  offeredProtocols,
  randomKey,
  RAW_PROTOCOL,
  readOffer,
} from "./subprotocols";
export type { Credentials, Offer } from "./subprotocols";
export { checkTags } from "./tags";
