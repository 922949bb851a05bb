import { isPartyError } from "@partyflare/shared";
import {
  base64Url,
  type Credentials,
  FRAMED_PROTOCOL,
  type Offer,
  mistake,
  partyErrorOf,
  readOffer,
  MAX_CONNECTION_ID_LENGTH,
} from "@partyflare/shared/internal";
import type { Capabilities } from "../capabilities/capabilities";
import { clientOf } from "../client";
import type { Connection } from "../connections/connection";
import { RoomConnection } from "../connections/room-connection";
import type { Registry } from "../connections/registry";
import type { Dialect } from "../dialect";
import type { Limits } from "../options";
import type { Turn } from "../turn";
import { refuseInRoom, switchProtocols } from "../refusal";
import { settle, type Steps, wait } from "../settle";
import { rateLimited, type RateLimits } from "./rate-limit";
import { type During, errorBoundary, type ErrorListener, report } from "./error-boundary";

/** The second argument of `getConnectionTags` and `onConnect`. */
export interface ConnectionContext {
  /** The request that asked for the connection: its URL, headers and `cf`. */
  readonly request: Request;
}

/** The second argument of `authorize`. */
export interface Credential {
  /** The id that the client connects with. Any client can choose any free id. */
  readonly id: string;
  /** The token that the client sent in its subprotocols; undefined without one. */
  readonly token: string | undefined;
}

/** The hooks of a new connection. */
export interface ConnectHooks extends ErrorListener {
  authorize(request: Request, credential: Credential): unknown;
  getConnectionTags(
    connection: Connection,
    context: ConnectionContext,
  ): readonly string[] | Promise<readonly string[]>;
  onConnect(connection: Connection, context: ConnectionContext): void | Promise<void>;
}

/** The parts of a room that a new connection needs. */
export interface Entrance {
  readonly party: ConnectHooks;
  readonly registry: Registry;
  readonly capabilities: Pick<
    Capabilities,
    "afterConnect" | "afterHello" | "authorizing" | "connect"
  >;
  readonly limits: Pick<Limits, "connections">;
  readonly rates: RateLimits;
  readonly turn: Turn;
  readonly dialect: Dialect | undefined;
  /**
   * Returns the first frame of a connection, before the room lists it. An error that it throws
   * refuses the connection.
   */
  hello(connection: RoomConnection, query: URLSearchParams): string;
  /** Keeps the room in memory until the work is done. */
  keepAwake(work: void | Promise<void>): void;
}

/** A request for a connection, and the query of its URL. */
interface Asked {
  readonly request: Request;
  readonly query: URLSearchParams;
}

/**
 * Turns a request into a connection, or refuses it so that the client learns the reason.
 *
 * All async steps come first. The rest is one synchronous step. So of several requests for one id
 * exactly one wins, and other connections never see a half-open one.
 */
export async function upgrade(room: Entrance, request: Request): Promise<Response> {
  if (request.method !== "GET") {
    return new Response("A WebSocket is asked for with GET.", {
      status: 405,
      headers: { Allow: "GET" },
    });
  }
  const offer = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
  const pair = new WebSocketPair();
  try {
    // Without a `URL`, for which the platform would make one more object.
    const query = new URLSearchParams(request.url.replaceAll(/^[^?#]*|#.*/g, ""));
    const connection = await prepare(room, { request, query, offer }, pair);
    try {
      admit(room, connection, { request, query });
      if (room.dialect) await hasConnected(room.turn, connection);
    } catch (error) {
      if (!isPartyError(error))
        await report(room.party, error, { during: "onConnect", connection });
      throw error;
    }
  } catch (error) {
    return refuseInRoom(request, partyErrorOf(error) ?? mistake("internal"));
  }
  return switchProtocols(pair[0], offer.answer);
}

async function prepare(
  { party, capabilities, registry, rates, dialect }: Entrance,
  { request, query, offer }: Asked & { readonly offer: Offer },
  pair: { 0: WebSocket; 1: WebSocket },
): Promise<RoomConnection> {
  const id = dialect ? dialect.idOf(query) : connectionId(query);
  const keyHash = await hashKey(offer);
  const refusal = rates.barred(clientOf({ id, keyHash }), Date.now());
  if (refusal) throw rateLimited(refusal);
  const isFramed = offer.answer === FRAMED_PROTOCOL;
  const connection = await attempt(party, { during: "authorize" }, async () => {
    const state = (await party.authorize(request, { id, token: offer.token })) ?? null;
    const common = { id, tags: [], state, keyHash, isFramed, expiresAtMs: null };
    return RoomConnection.connecting(pair, registry, { ...common, subscriptions: [], kept: {} });
  });
  await attempt(party, { during: "getConnectionTags", connection }, async () =>
    connection.setTags(await party.getConnectionTags(connection, { request })),
  );
  for (const capability of capabilities.authorizing) {
    const context = { during: "capability", name: capability.name, connection } as const;
    await attempt(party, context, () => capability.authorize?.(connection));
  }
  return connection;
}

/** Synchronous: there must be no await in here. */
function admit(room: Entrance, connection: RoomConnection, { request, query }: Asked): void {
  const { registry, limits, turn, dialect } = room;
  const found = dialect?.sharesIds ? undefined : registry.get(connection.id);
  const holder = found?.expire() ? undefined : found;
  if (holder && holder.keyHash !== null && holder.keyHash !== connection.keyHash) {
    throw mistake("forbidden");
  }
  if (!holder && registry.size >= limits.connections) throw mistake("room_full");
  if (connection.isExpired) throw mistake("unauthorized");
  // Before the room lists the connection: if the storage fails here, no trace of the connection
  // remains.
  const hello = connection.isFramed ? room.hello(connection, query) : undefined;
  if (holder) {
    const { closeCode, code } = mistake("superseded");
    holder.close(closeCode, code);
    dialect?.onTakeover();
  }
  registry.accept(connection);
  // After the last hooks of earlier connections, and before the first message of this one.
  turn.after(() => room.keepAwake(connection.queue.push(() => connect(room, connection, request))));
  try {
    if (hello !== undefined) {
      connection.transmit(hello);
      room.capabilities.afterHello(connection);
    }
    room.capabilities.connect(connection);
  } catch (error) {
    connection.abandon();
    throw error;
  }
}

/** Waits until `onConnect` has ended. The client gets the response only then. */
async function hasConnected(turn: Turn, connection: RoomConnection): Promise<void> {
  // Until there is a response, no client can take the socket.
  connection.clientEnd?.offer(Infinity);
  await new Promise<void>((resolve) => {
    turn.after(() => resolve(connection.queue.settled));
  });
  connection.clientEnd?.offer(Date.now());
}

function connect(
  { party, capabilities }: Entrance,
  connection: RoomConnection,
  request: Request,
): void | Promise<void> {
  if (connection.wasAbandoned) return;
  return errorBoundary(party, { during: "onConnect", connection }, () =>
    settle(greet(party, capabilities, connection, request)),
  );
}

function* greet(
  party: ConnectHooks,
  capabilities: Entrance["capabilities"],
  connection: RoomConnection,
  request: Request,
): Steps<void> {
  try {
    yield* wait(party.onConnect(connection, { request }));
  } catch (error) {
    const refused = partyErrorOf(error);
    const { closeCode, code } = refused ?? mistake("internal");
    connection.close(closeCode, code);
    if (!refused) throw error;
  }
  capabilities.afterConnect(connection);
}

/**
 * Runs a step that may refuse. A PartyError becomes the answer; any other error is also reported.
 */
async function attempt<Result>(
  party: ErrorListener,
  context: { during: During; connection?: Connection; name?: string },
  step: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (!isPartyError(error)) await report(party, error, context);
    throw error;
  }
}

/** Returns the client's own id from `_pk`, as partysocket sends it; otherwise a random one. */
function connectionId(query: URLSearchParams): string {
  const id = query.get("_pk");
  if (id === null) return crypto.randomUUID();
  if (!VISIBLE_ASCII.test(id)) {
    throw mistake("invalid", {
      message: `A connection's id has 1 to ${MAX_CONNECTION_ID_LENGTH} visible ASCII characters.`,
    });
  }
  return id;
}

const VISIBLE_ASCII = new RegExp(`^[\\x21-\\x7e]{1,${MAX_CONNECTION_ID_LENGTH}}$`);

async function hashKey({ key }: Credentials): Promise<string | null> {
  if (key === undefined) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return base64Url(new Uint8Array(digest));
}
