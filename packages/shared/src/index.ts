export {
  DEFAULT_PREFIX,
  normalizePartyName,
  normalizeRoomName,
  parseRoomPath,
  roomPath,
} from "./address";
export type { RoomAddress, RoomPathParts } from "./address";
export { defineContract, type } from "./contract";
export type { CallDefinition, Contract, Schema } from "./contract";
export type { AnyContract } from "./contract-report";
export type {
  CallErrorOf,
  CallInput,
  CallName,
  CallOutput,
  CallsOf,
  ClientEvent,
  ClientEventName,
  DataArguments,
  EventArguments,
  EventsOf,
  MemberInfoOf,
  PresenceOf,
  ReceivedEvent,
  ReceivedInput,
  ServerEvent,
  ServerEventName,
  SharedInputOf,
  SharedOf,
  StateOf,
  TagOf,
} from "./contract-types";
export { isPartyError, isRetriedCloseCode, PartyError } from "./errors";
export type { AnyErrorCode, ErrorCode, Issue, PartyErrorFields, PartyErrorOptions } from "./errors";
export type { Immutable } from "./immutable";
export type { Message, SendableMessage } from "./messages";
export { randomKey } from "./subprotocols";
