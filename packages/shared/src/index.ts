export {
  DEFAULT_PREFIX,
  normalizePartyName,
  normalizeRoomName,
  parseRoomPath,
  roomPath,
} from "./address";
export type { RoomAddress, RoomPathParts } from "./address";
export { ERRORS, isRetriedCloseCode, PartyError } from "./errors";
export type { AnyErrorCode, ErrorCode, PartyErrorOptions } from "./errors";
export { isLoopbackHostname, isPrivateHostname } from "./hosts";
export * as limits from "./limits";
export type { Message, SendableMessage } from "./messages";
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
