export { getServerByName } from "./partyserver/server-by-name";
export type { ServerByNameOptions } from "./partyserver/server-by-name";
export type {
  Connection,
  ConnectionContext,
  ConnectionSetStateFn,
  ConnectionState,
  WSMessage,
} from "./partyserver/connection-types";
export type { RoutingRetryEvent, RoutingRetryOptions } from "./partyserver/retry";
export { routePartykitRequest } from "./partyserver/route";
export type { Lobby, PartyServerOptions } from "./partyserver/route";
export { Server } from "./partyserver/server";
export type { ServerOptions } from "./partyserver/server-options";
