import { DurableObject } from "cloudflare:workers";
import type {
  Contract,
  EventArguments,
  Message,
  SendableMessage,
  ServerEvent,
  ServerEventName,
  StateOf,
  TagOf,
} from "@partyflare/shared";
import type { DurableHistory, HistoryOf } from "./capabilities/history/history";
import { contractOf, setContract } from "./contract-of";
import type { Connection, NoEvents } from "./connections/connection";
import type { ConnectionOf } from "./connections/connection-of";
import type { InvalidMessage } from "./incoming/dispatch";
import type { ErrorContext } from "./incoming/error-boundary";
import { checkIsFirst, type Handlers } from "./incoming/handlers";
import type { ConnectionContext, Credential } from "./incoming/upgrade";
import { logError } from "./log";
import { type PartyOptions, resolveOptions } from "./options";
import { audienceOf, checkEmitOptions, checkIsData, type EmitOptions } from "./outgoing/audience";
import { deliverMessage } from "./outgoing/delivery";
import { Room } from "./room";
import { hiddenMethods, hideFromRpc } from "./rpc-surface";
import { fetchRoom, type FetchRoomOptions } from "./routing/fetch-room";
import { checkOrigin, type OriginOptions } from "./routing/origin";
import { type RoomOptions, roomStub } from "./routing/with-room";

/**
 * What each party runs on. Not a `#room`, since a class that has one cannot be extended by an
 * exported class expression, as mixins have it (TS4094); the same goes for protected members.
 */
const rooms = new WeakMap<object, Room>();

function roomOf(party: object): Room {
  return rooms.get(party) as Room;
}

/** The contract of a party without one: no events, no calls. */
export type RawContract = NoEvents;

/** A party with a contract, to extend: see `Party.for`. */
export interface PartyClass<C extends Contract> extends Pick<
  typeof Party,
  "checkOrigin" | "fetchRoomForRequest" | "options" | "withRoom"
> {
  new <Env = Cloudflare.Env>(ctx: DurableObjectState, env: Env): Party<Env, C>;
}

/**
 * A kind of room: a Durable Object whose instances are rooms that clients connect to.
 *
 * Extend it, override the hooks you need, and export the class from your Worker. Every hook may be
 * async. What a hook throws goes to `onError`, never to a client; the room lives on.
 *
 * @typeParam Env the Worker's bindings, as `this.env` has them.
 * @typeParam C the contract, which `Party.for` fills in.
 *
 * @example
 * export class Echo extends Party<Env> {
 *   onMessage(connection: Connection, message: Message) {
 *     this.broadcast(message, [connection.id]);
 *   }
 * }
 */
export class Party<
  Env = Cloudflare.Env,
  C extends Contract = RawContract,
> extends DurableObject<Env> {
  /** Set it in a subclass: `static options = { hibernate: true }`. Merged along the hierarchy. */
  static options: PartyOptions = {};

  /**
   * A party whose events, calls, connection state and tags are those of a contract.
   *
   * @example
   * export class Chat extends Party.for(chat)<Env> {
   *   readonly on = this.handle({ say: (from, { text }) => this.emit("said", { text }) });
   * }
   */
  static for<C extends Contract>(contract: C): PartyClass<C> {
    const party = class extends Party {};
    setContract(party, contract);
    return party as unknown as PartyClass<C>;
  }

  /**
   * Answers a request to `/parties/:party/:room` with that room's own answer, WebSockets included.
   *
   * @param env the Worker's bindings; `:party` is the name of one, in any case and with or without
   *   dashes and underscores.
   * @returns null at once where the URL is no party's, so that `|| new Response(…)` works; 400 for
   *   a room name that is illegal or badly escaped; 500, without details, where the room fails.
   * @throws Error for a mistake in the configuration: see `options.parties`.
   */
  static fetchRoomForRequest(
    request: Request,
    env: object,
    options?: FetchRoomOptions,
  ): Promise<Response> | null {
    return fetchRoom(request, env, options);
  }

  /**
   * The stub of a room: `fetch` it, or call the party's own public methods (RPC).
   *
   * @param room its name: 1 to 512 bytes of UTF-8, without control characters.
   * @throws PartyError `invalid` for an illegal name.
   */
  static withRoom<Room extends Rpc.DurableObjectBranded | undefined>(
    namespace: DurableObjectNamespace<Room>,
    room: string,
    options?: RoomOptions,
  ): DurableObjectStub<Room> {
    return roomStub(namespace, room, options);
  }

  /**
   * Checks which page sent a request, for a router of your own: `fetchRoomForRequest` does it by
   * itself. A page of somebody else's can ask for a WebSocket with your visitor's cookies.
   *
   * @returns null where the page may connect, else the 403 to answer with.
   * @throws TypeError for an entry of `allowedOrigins` that is no origin.
   *
   * @example
   * const refused = Party.checkOrigin(request, { allowedOrigins: ["https://app.example.com"] });
   * return refused ?? Party.withRoom(env.Chat, room).fetch(request);
   */
  static checkOrigin(request: Request, options?: OriginOptions): Response | null {
    return checkOrigin(request, options);
  }

  /** The platform's own: the room's id and its storage. */
  declare readonly ctx: DurableObjectState & { readonly props: {} };

  /** The Worker's bindings. */
  declare readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    hideFromRpc(this, HIDDEN);
    const contract = contractOf(new.target);
    const authorizes = this.authorize !== Party.prototype.authorize;
    const options = resolveOptions(new.target);
    const room = new Room({ ctx, env: env as object, party: this, contract, options, authorizes });
    rooms.set(this, room);
    // A rejection resets the object, and whoever waits for it is told by the platform.
    ctx.blockConcurrencyWhile(() => room.start()).catch(() => {});
  }

  /**
   * The room's name.
   *
   * @throws Error where it has none, because it was reached by `newUniqueId()` or `idFromString()`,
   *   or by RPC from another `wrangler dev`, before any request of `fetchRoomForRequest`.
   */
  get room(): string {
    return roomOf(this).name.required;
  }

  /**
   * Sends a message to every open connection.
   *
   * @param exclude ids of connections that do not get it. Default: none.
   * @throws TypeError for what is neither text nor bytes.
   */
  broadcast(message: SendableMessage, exclude: readonly string[] = []): void {
    const { registry, batch } = roomOf(this);
    deliverMessage(audienceOf(registry, { except: exclude }), message, batch);
  }

  /**
   * Sends an event of the contract to every open connection, or to an audience.
   *
   * @param event its name.
   * @param data what the contract says, then the audience: `{ except: [id] }`, `{ tags: ["guest"] }`,
   *   `{ to: [id] }`, `{ clients: [connection.client] }`, or several, which narrow each other.
   *   Default: everyone. `{ latestBy: id }` lets an event replace the one before it where both wait
   *   for the end of a `batch` window: see `EmitOptions`.
   * @throws TypeError for data that JSON cannot hold, for an option that is undefined or that does
   *   not exist, and, with `checkOutgoing`, for data that breaks the contract.
   */
  emit<Name extends ServerEventName<C>>(
    event: Name,
    data: ServerEvent<C, Name>,
    options?: EmitOptions<TagOf<C>>,
  ): void;
  // The last one is what RPC knows: there, one type parameter would not tie the data to its event.
  emit(...event: [...event: EventArguments<C>, options?: EmitOptions<TagOf<C>>]): void;
  emit(...payload: unknown[]): void {
    const [event, data, options] = payload as [string, unknown?, EmitOptions?];
    if (options !== undefined) checkEmitOptions(options);
    else checkIsData(data);
    roomOf(this).emit(event, data, options ?? {});
  }

  /**
   * The open connections that carry every one of the tags, in no particular order: an array that
   * does not change.
   *
   * @param tags default: none, which gives all open connections.
   */
  getConnections(tags?: readonly TagOf<C>[]): ConnectionOf<C>[];
  getConnections<State>(tags?: readonly TagOf<C>[]): Connection<State>[];
  getConnections(tags: readonly string[] = []): unknown[] {
    return roomOf(this).registry.withTags(tags);
  }

  /** The open connection with this id, if there is one. */
  getConnection(id: string): ConnectionOf<C> | undefined;
  getConnection<State>(id: string): Connection<State> | undefined;
  getConnection(id: string): unknown {
    return roomOf(this).registry.get(id);
  }

  /**
   * Says what is done with each event and call of the contract. Assign it to a field:
   * `readonly on = this.handle({ … })`.
   *
   * @returns the handlers, for tests. The room does not start if one is missing.
   */
  handle(handlers: Handlers<C>): Handlers<C> {
    const room = roomOf(this);
    checkIsFirst(room.handlers);
    room.handlers = handlers;
    return handlers;
  }

  /**
   * Takes a capability in. Assign what it gives to a field:
   * `readonly history = this.use(history({ events: ["said"] }))`.
   *
   * @throws TypeError for one that the party has already, or that does not fit its contract.
   */
  use<Name extends ServerEventName<C>>(capability: DurableHistory<Name>): HistoryOf<C, Name>;
  use(capability: DurableHistory<string>): unknown {
    return roomOf(this).use(capability.attach(roomOf(this).host));
  }

  /**
   * Runs a function whose writes to the storage are all kept, or none if it throws. What it sends
   * leaves when they are kept: `ctx.storage.transactionSync` would send at once. A connection that
   * it closes is closed in either case. States and tags of connections are no part of it.
   *
   * @throws TypeError for a function that is asynchronous; and what the function throws.
   */
  transactionSync<Result>(run: () => Result): Result {
    return roomOf(this).storage.transaction(run);
  }

  /**
   * Before anything else, at every start and every wake. If it throws, the room fails to start:
   * whoever asked is refused, open connections are cut, and the next arrival starts it again.
   */
  onStart(): void | Promise<void> {}

  /**
   * Decides who may connect, before the connection is counted anywhere. What it returns becomes
   * `connection.state`. Throw `new PartyError("unauthorized")` to refuse for good; any other error
   * refuses for now. It guards connections only: plain requests go to `onRequest`.
   */
  authorize(_request: Request, _credential: Credential): StateOf<C> | Promise<StateOf<C>> {
    return undefined as StateOf<C>;
  }

  /** What a new connection is tagged with: at most 10 tags, each of 1 to 256 characters. */
  getConnectionTags(
    _connection: ConnectionOf<C>,
    _context: ConnectionContext,
  ): readonly TagOf<C>[] | Promise<readonly TagOf<C>[]> {
    return [];
  }

  /** A connection is open, and listed. Its messages wait until this is done. A throw closes it. */
  onConnect(_connection: ConnectionOf<C>, _context: ConnectionContext): void | Promise<void> {}

  /**
   * A message has arrived that is no event or call of a contract. A connection's messages are
   * handled one after the other.
   */
  onMessage(_connection: ConnectionOf<C>, _message: Message): void | Promise<void> {}

  /**
   * A connection has ended, by either side; once each, after its last `onMessage`. It is listed
   * no more.
   *
   * @param code 1005 where the client gave none, 1006 where it vanished.
   */
  onClose(
    _connection: ConnectionOf<C>,
    _code: number,
    _reason: string,
    _wasClean: boolean,
  ): void | Promise<void> {}

  /**
   * A client sent what the room cannot take: no frame, no event or call of the contract, or data
   * that its schema refuses. The client has been told. Default: nothing.
   */
  onInvalid(_connection: ConnectionOf<C>, _invalid: InvalidMessage): void | Promise<void> {}

  /** An error of a socket, or one that a hook threw. Default: a line in the error log, and the stack. */
  onError(error: unknown, { during, name }: ErrorContext): void | Promise<void> {
    const room = `${this.constructor.name} "${roomOf(this).name.value ?? this.ctx.id.toString()}"`;
    logError(`${room} ${name ?? during}`, error);
  }

  /** A plain HTTP request to the room. Default: 404. A thrown PartyError answers with its status. */
  onRequest(_request: Request): Response | Promise<Response> {
    return new Response("This room takes WebSocket connections only.", { status: 404 });
  }

  /** The alarm set by `this.ctx.storage.setAlarm()` is due. If it throws, the platform tries again. */
  onAlarm(_info?: AlarmInvocationInfo): void | Promise<void> {}

  /** The platform's entry point. Override `onRequest` and `onConnect`. */
  override fetch(request: Request): Promise<Response> {
    return roomOf(this).fetch(request);
  }

  /** The platform's entry point. Override `onAlarm`. */
  override alarm(info?: AlarmInvocationInfo): Promise<void> {
    return roomOf(this).alarm(info);
  }

  /** The platform's entry point. Override `onMessage`. */
  override webSocketMessage(socket: WebSocket, message: Message): void | Promise<void> {
    return roomOf(this).message(socket, message);
  }

  /** The platform's entry point. Override `onClose`. */
  override webSocketClose(
    socket: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void> {
    return roomOf(this).close(socket, { code, reason, wasClean });
  }

  /** The platform's entry point. Override `onError` and `onClose`. */
  override webSocketError(socket: WebSocket, error: unknown): void | Promise<void> {
    return roomOf(this).error(socket, error);
  }
}

const HIDDEN = hiddenMethods(Party.prototype);
