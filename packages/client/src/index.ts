export { randomId } from "./credentials";
export { PartyCloseEvent, PartyErrorEvent } from "./events";
export type { PartySocketEventMap, ReceivedMessage } from "./events";
export type { PartyFetchOptions, PartySocketOptions, WebSocketClass } from "./options";
export { PartySocket } from "./party-socket";
export type { Provider } from "./provider";
export type { Query, QueryValue, RoomLocation } from "./room-url";
export { isRetriedCloseCode, PartyError, randomKey } from "@partyflare/shared";
export type {
  AnyErrorCode,
  ErrorCode,
  PartyErrorOptions,
  SendableMessage,
} from "@partyflare/shared";
