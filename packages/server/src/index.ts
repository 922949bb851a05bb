export { PartyError } from "@partyflare/shared";
export type {
  AnyErrorCode,
  ErrorCode,
  Message,
  PartyErrorOptions,
  SendableMessage,
} from "@partyflare/shared";
export type { Connection } from "./connections/connection";
export type { Immutable } from "./connections/immutable";
export type { During, ErrorContext } from "./incoming/guard";
export type { ConnectionContext, Credential } from "./incoming/upgrade";
export type { PartyOptions } from "./options";
export { Party } from "./party";
export type { FetchRoomOptions } from "./routing/fetch-room";
export type { Parties } from "./routing/namespaces";
export type { RoomOptions } from "./routing/with-room";
