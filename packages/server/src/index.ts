export { defineContract, isPartyError, PartyError, type } from "@partyflare/shared";
export type {
  AnyErrorCode,
  CallDefinition,
  CallErrorOf,
  CallInput,
  CallOutput,
  CallsOf,
  Contract,
  ErrorCode,
  EventsOf,
  Issue,
  MemberInfoOf,
  Message,
  PartyErrorFields,
  PartyErrorOptions,
  PresenceOf,
  Schema,
  SendableMessage,
  SharedOf,
  StateOf,
  TagOf,
} from "@partyflare/shared";
export { history } from "./capabilities/history/history";
export type { Feature } from "./capabilities/capability";
export type {
  History,
  HistoryOptions,
  PastEvent,
  ReadOptions,
} from "./capabilities/history/history";
export { presence } from "./capabilities/presence/presence";
export type {
  Member,
  Presence,
  PresenceArguments,
  PresenceOptions,
  Who,
} from "./capabilities/presence/presence";
export { sharedState } from "./capabilities/shared-state/shared-state";
export type { SharedState, SharedStateOptions } from "./capabilities/shared-state/shared-state";
export type { CloseOptions, Connection } from "./connections/connection";
export type { ConnectionOf } from "./connections/connection-of";
export type { Immutable } from "./connections/immutable";
export type { InvalidMessage } from "./incoming/dispatch";
export type { During, ErrorContext } from "./incoming/error-boundary";
export type { Handlers } from "./incoming/handlers";
export type { ConnectionContext, Credential } from "./incoming/upgrade";
export type { BatchOptions, LimitOptions, PartyOptions } from "./options";
export type { Audience, EmitOptions } from "./outgoing/audience";
export { Party } from "./party";
export type { PartyClass, RawContract } from "./party";
export type { BeforeHook, BeforeHooks } from "./routing/before";
export type { CorsOptions } from "./routing/cors";
export type { FetchRoomOptions } from "./routing/fetch-room";
export type { Parties } from "./routing/namespaces";
export type { AllowedOrigins, OriginOptions } from "./routing/origin";
export type { RetryOptions } from "./routing/retry";
export type { RoomOptions } from "./routing/with-room";
