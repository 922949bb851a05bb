export { presence } from "./capabilities/presence/presence";
export type {
  Presence,
  PresenceFields,
  PresenceOptions,
  PresenceState,
} from "./capabilities/presence/presence";
export type { Member, MemberDevice } from "./capabilities/presence/member";
export { sharedState } from "./capabilities/shared-state/shared-state";
export type { SharedState, SharedStateOptions } from "./capabilities/shared-state/shared-state";
export type { SharedStatus } from "./capabilities/shared-state/shared-value";
export { browserKey } from "./capabilities/session/browser-key";
export { history } from "./capabilities/history/history";
export type { HistoryPage, PastEvent, RoomHistory } from "./capabilities/history/history";
export { session } from "./capabilities/session/session";
export type { CallArguments, CallOptions, ResumedCall, TypedPromise } from "./room/calls";
export type { EmitOptions } from "./room/events";
export { connect } from "./connect";
export { heartbeat } from "./connection/heartbeat";
export type { HeartbeatFactory } from "./connection/heartbeat";
export { randomId } from "./connection/identity";
export type { Dropped } from "./room/dropped";
export type { Stop } from "./connection/emitter";
export type { ReceivedMessage } from "./connection/attempt";
export type { BackoffOptions } from "./connection/backoff";
export { PartyCloseEvent } from "./connection/close-event";
export { PartyDropEvent, PartyErrorEvent } from "./socket/socket-events";
export type { PartySocketEventMap } from "./socket/socket-events";
export type {
  ConnectOptions,
  PartyFetchOptions,
  PartySocketOptions,
  QueueOptions,
  Resume,
  WebSocketClass,
} from "./connection/options";
export type { Delivery, DropReason } from "./connection/message-queue";
export { PartySocket } from "./socket/party-socket";
export type { Recovery } from "./room/progress";
export type { Provider } from "./connection/provider";
export type { Room } from "./room/room";
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
export { isPartyError, isRetriedCloseCode, PartyError, randomKey } from "@partyflare/shared";
export type {
  AnyErrorCode,
  CallErrorOf,
  CallInput,
  CallName,
  CallOutput,
  CallsOf,
  ClientEvent,
  ClientEventName,
  Contract,
  DataArguments,
  ErrorCode,
  EventsOf,
  Issue,
  PartyErrorFields,
  PartyErrorOptions,
  Immutable,
  SendableMessage,
  ServerEvent,
  ServerEventName,
  SharedOf,
} from "@partyflare/shared";
