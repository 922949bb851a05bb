import type {
  Connection,
  Context,
  ExecutionContext,
  FetchLobby,
  Lobby,
  Request,
  Room,
  Server,
  ServerOptions,
  Storage,
  Stub,
  Worker,
} from "./types";
import type { ConnectionContext } from "../partyserver/connection-types";

/** @deprecated Use `Request`. */
export type PartyRequest = Request;
/** @deprecated Use `Storage`. */
export type PartyStorage = Storage;
/** @deprecated Use `Storage`. */
export type PartyKitStorage = Storage;
/** @deprecated Use `ConnectionContext`. */
export type PartyConnectionContext = ConnectionContext;
/** @deprecated Use `ConnectionContext`. */
export type PartyKitContext = ConnectionContext;
/** @deprecated Use `Stub`. */
export type PartyStub = Stub;
/** @deprecated Use `Context`. */
export type PartyContext = Context;
/** @deprecated Use `FetchLobby`. */
export type PartyFetchLobby = FetchLobby;
/** @deprecated Use `Lobby`. */
export type PartyLobby = Lobby;
/** @deprecated Use `ExecutionContext`. */
export type PartyExecutionContext = ExecutionContext;
/** @deprecated Use `Connection`. */
export type PartyConnection = Connection;
/** @deprecated Use `Server`. */
export type PartyServer = Server;
/** @deprecated Use `Worker`. */
export type PartyWorker = Worker;
/** @deprecated Use `Room`. */
export type PartyKitRoom = Room;
/** @deprecated Use `Connection`. */
export type PartyKitConnection = Connection;
/** @deprecated Use `ServerOptions`. */
export type PartyServerOptions = ServerOptions;
