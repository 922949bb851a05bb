export type { CallOptions, Delivery } from "./calls";
export { connect } from "./connect";
export { randomId } from "./credentials";
export type { Stop } from "./emitter";
export { PartyCloseEvent, PartyErrorEvent } from "./events";
export type { PartySocketEventMap, ReceivedMessage } from "./events";
export type {
  ConnectOptions,
  PartyFetchOptions,
  PartySocketOptions,
  WebSocketClass,
} from "./options";
export { PartySocket } from "./party-socket";
export type { Provider } from "./provider";
export type { CallArguments, Room } from "./room";
export type { Query, QueryValue, RoomLocation } from "./room-url";
export type { CloseDetail, Closed, Connecting, Open, RoomStatus, Waiting } from "./status";
export type { TypedPromise } from "./typed-promise";
export { isRetriedCloseCode, PartyError, randomKey } from "@partyflare/shared";
export type {
  AnyErrorCode,
  CallErrorOf,
  CallInput,
  CallOutput,
  CallsOf,
  Contract,
  ErrorCode,
  EventsOf,
  Issue,
  PartyErrorOptions,
  SendableMessage,
} from "@partyflare/shared";
