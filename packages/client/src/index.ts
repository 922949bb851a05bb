export type { CallOptions } from "./room/calls";
export { connect } from "./connect";
export { randomId } from "./connection/identity";
export type { Dropped } from "./room/dropped";
export type { Stop } from "./connection/emitter";
export { PartyCloseEvent, PartyDropEvent, PartyErrorEvent } from "./socket/socket-events";
export type { PartySocketEventMap, ReceivedMessage } from "./socket/socket-events";
export type {
  ConnectOptions,
  HoldOptions,
  PartyFetchOptions,
  PartySocketOptions,
  WebSocketClass,
} from "./connection/options";
export type { Delivery, DropReason } from "./room/send-queue";
export type { HistoryPage, PastEvent } from "./room/past-event";
export { PartySocket } from "./socket/party-socket";
export type { Recovery } from "./room/progress";
export type { Provider } from "./connection/provider";
export type { CallArguments, Room } from "./room/room";
export type { Query, QueryValue, RoomLocation } from "./connection/room-url";
export type {
  CloseDetail,
  Closed,
  Connecting,
  LossError,
  Open,
  RoomStatus,
  Waiting,
} from "./connection/status";
export { shareRoom } from "./share-room";
export type { SharedHandle } from "./share-room";
export type { ShareOptions, SharingOptions } from "./react/address";
export type { TypedPromise } from "./room/typed-promise";
export { isPartyError, isRetriedCloseCode, PartyError, randomKey } from "@partyflare/shared";
export type {
  AnyErrorCode,
  CallErrorOf,
  CallInput,
  CallOutput,
  CallsOf,
  ClientEvent,
  ClientEventName,
  CallName,
  Contract,
  DataArguments,
  ErrorCode,
  EventsOf,
  Issue,
  PartyErrorFields,
  PartyErrorOptions,
  SendableMessage,
  ServerEvent,
  ServerEventName,
} from "@partyflare/shared";
