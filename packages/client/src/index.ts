export type { CallOptions } from "./calls";
export { connect } from "./connect";
export { randomId } from "./credentials";
export type { Dropped } from "./dropped";
export type { Stop } from "./emitter";
export { PartyCloseEvent, PartyDropEvent, PartyErrorEvent } from "./events";
export type { PartySocketEventMap, ReceivedMessage } from "./events";
export type {
  ConnectOptions,
  HoldOptions,
  PartyFetchOptions,
  PartySocketOptions,
  WebSocketClass,
} from "./options";
export type { Delivery, DropReason } from "./outbox";
export type { HistoryPage, PastEvent } from "./past-event";
export { PartySocket } from "./party-socket";
export type { Recovery } from "./progress";
export type { Provider } from "./provider";
export type { CallArguments, Room } from "./room";
export type { Query, QueryValue, RoomLocation } from "./room-url";
export type {
  CloseDetail,
  Closed,
  Connecting,
  LossError,
  Open,
  RoomStatus,
  Waiting,
} from "./status";
export type { TypedPromise } from "./typed-promise";
export { isPartyError, isRetriedCloseCode, PartyError, randomKey } from "@partyflare/shared";
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
  PartyErrorFields,
  PartyErrorOptions,
  SendableMessage,
} from "@partyflare/shared";
