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
import type { Feature } from "./capabilities/capability";
import { contractOf, setContract } from "./contract-of";
import type { Connection, NoEvents } from "./connections/connection";
import type { ConnectionOf } from "./connections/connection-of";
import type { InvalidMessage } from "./incoming/dispatch";
import type { ErrorContext } from "./incoming/error-boundary";
import { checkIsFirst, type Handlers, type Overrides } from "./incoming/handlers";
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
import { startFromConstructor } from "./start";

/**
 * The room behind each party. A class with a `#room` field cannot be extended by an exported class
 * expression, as mixins do (TS4094). The same goes for protected members.
 */
const rooms = new WeakMap<object, Room>();

function roomOf(party: object): Room {
  return rooms.get(party) as Room;
}

/** The contract of a party that has none: no events and no calls. */
export type RawContract = NoEvents;

/** A base class with a contract: `Party.for` returns it. */
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
 * async. The room passes an error that a hook throws to `onError`, never to a client, and keeps
 * running.
 *
 * @typeParam Env the type of the Worker's bindings, in `this.env`.
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
  /** The options of the class. A subclass inherits those that it does not set. */
  static options: PartyOptions = {};

  /**
   * Returns a base class with the events, calls, connection state and tags of a contract.
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
   * Passes a request for `/parties/:party/:room` to that room, WebSocket upgrades included.
   *
   * @param env the Worker's bindings. `:party` names one; case, dashes and underscores are ignored.
   * @returns null, synchronously, for any other URL: `|| new Response(…)` can follow. The status is
   *   400 for an illegal or badly escaped room name, and 500, without details, if the room fails.
   * @throws Error if the configuration is wrong: see `options.parties`.
   */
  static fetchRoomForRequest(
    request: Request,
    env: object,
    options?: FetchRoomOptions,
  ): Promise<Response> | null {
    return fetchRoom(request, env, options);
  }

  /**
   * Returns the stub of a room. Call its `fetch`, or the party's own public methods (RPC).
   *
   * @param room the room's name: 1 to 512 bytes of UTF-8, without control characters.
   * @throws PartyError `invalid` if the name is illegal.
   */
  static withRoom<Room extends Rpc.DurableObjectBranded | undefined>(
    namespace: DurableObjectNamespace<Room>,
    room: string,
    options?: RoomOptions,
  ): DurableObjectStub<Room> {
    return roomStub(namespace, room, options);
  }

  /**
   * Checks the origin of a request, for a router of your own; `fetchRoomForRequest` does it by
   * itself. Without it, a foreign page can open a WebSocket with your visitor's cookies.
   *
   * @returns null if the page may connect, otherwise the 403 response to return.
   * @throws TypeError if an entry of `allowedOrigins` is not an origin.
   *
   * @example
   * const refused = Party.checkOrigin(request, { allowedOrigins: ["https://app.example.com"] });
   * return refused ?? Party.withRoom(env.Chat, room).fetch(request);
   */
  static checkOrigin(request: Request, options?: OriginOptions): Response | null {
    return checkOrigin(request, options);
  }

  /** The state of the Durable Object, from the platform: the room's id and its storage. */
  declare readonly ctx: DurableObjectState & { readonly props: {} };

  /** The Worker's bindings. */
  declare readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    hideFromRpc(this, HIDDEN);
    const contract = contractOf(new.target);
    const overrides: Overrides = (hook) =>
      this[hook] !== (hook === "onStart" ? NO_START : Party.prototype[hook]);
    const options = resolveOptions(new.target);
    const room = new Room({ ctx, env: env as object, party: this, contract, options });
    rooms.set(this, room);
    startFromConstructor(room, ctx, overrides);
  }

  /**
   * The room's name.
   *
   * @throws Error if the room has no name. Its id then comes from `newUniqueId()` or
   *   `idFromString()`. Or another `wrangler dev` called it by RPC before any request of
   *   `fetchRoomForRequest`.
   */
  get room(): string {
    return roomOf(this).name.required;
  }

  /**
   * Sends a message to every open connection.
   *
   * @param exclude ids of connections that do not get the message. Default: none.
   * @throws TypeError if the message is neither text nor bytes.
   */
  broadcast(message: SendableMessage, exclude: readonly string[] = []): void {
    const { registry, batch } = roomOf(this);
    deliverMessage(audienceOf(registry, { except: exclude }), message, batch);
  }

  /**
   * Sends an event of the contract to every open connection, or to an audience.
   *
   * @param event the event's name.
   * @param data the event's data, as the contract defines it.
   * @param options the audience: `{ except: [id] }`, `{ tags: ["guest"] }`, `{ to: [id] }` or `{
   *   clients: [connection.client] }`. With several, a connection must match all. Default: every
   *   connection. `{ latestBy: id }` replaces a queued event by a newer one: see `EmitOptions`.
   * @throws TypeError if JSON cannot hold the data, or if an option is undefined or unknown. With
   *   `checkOutgoing`, also if the data does not match the contract.
   */
  emit<Name extends ServerEventName<C>>(
    event: Name,
    data: ServerEvent<C, Name>,
    options?: EmitOptions<TagOf<C>>,
  ): void;
  // RPC sees the last overload. One type parameter there would not tie the data to its event.
  emit(...event: [...event: EventArguments<C>, options?: EmitOptions<TagOf<C>>]): void;
  emit(...payload: unknown[]): void {
    const [event, data, options] = payload as [string, unknown?, EmitOptions?];
    if (options !== undefined) checkEmitOptions(options);
    else checkIsData(data);
    roomOf(this).emit(event, data, options ?? {});
  }

  /**
   * Returns a snapshot of the open connections that carry all of the tags, in no particular order.
   *
   * @param tags default: none, which returns all open connections.
   */
  getConnections(tags?: readonly TagOf<C>[]): ConnectionOf<C>[];
  getConnections<State>(tags?: readonly TagOf<C>[]): Connection<State>[];
  getConnections(tags: readonly string[] = []): unknown[] {
    return roomOf(this).registry.withTags(tags);
  }

  /** Returns the open connection with this id, or undefined. */
  getConnection(id: string): ConnectionOf<C> | undefined;
  getConnection<State>(id: string): Connection<State> | undefined;
  getConnection(id: string): unknown {
    return roomOf(this).registry.get(id);
  }

  /**
   * Registers the handlers of events and calls. Assign the result to a field: `readonly on =
   * this.handle({ … })`.
   *
   * @returns the handlers, for tests. The room does not start if a handler is missing.
   */
  handle(handlers: Handlers<C>): Handlers<C> {
    const room = roomOf(this);
    checkIsFirst(room.handlers);
    room.handlers = handlers;
    return handlers;
  }

  /**
   * Adds a capability, such as `history()`. Assign the result to a field: `readonly history =
   * this.use(history({ events: ["said"] }))`.
   *
   * @throws TypeError if the party already has it, or if it does not fit the contract.
   */
  use<Api>(feature: Feature<C, Api>): Api {
    return roomOf(this).capabilities.use(feature);
  }

  /**
   * Runs a function as one storage transaction: if it throws, all of its writes are rolled back.
   * Its messages are sent after the commit; `ctx.storage.transactionSync` would send them at once.
   * A rollback does not reopen connections, nor restore their states and tags.
   *
   * @throws TypeError if the function is async. An error that the function throws is thrown again.
   */
  transactionSync<Result>(run: () => Result): Result {
    return roomOf(this).storage.transaction(run);
  }

  /**
   * Runs first, at every start and every wake-up. If it throws, the room does not start: requests
   * are refused and open connections are cut. The next request starts the room again.
   */
  onStart(): void | Promise<void> {}

  /**
   * Decides whether a client may connect, before the room counts the connection. The return value
   * becomes `connection.state`. Throw `new PartyError("unauthorized")` to refuse for good; after an
   * error that is no PartyError, the client retries. Plain requests go to `onRequest` only.
   */
  authorize(_request: Request, _credential: Credential): StateOf<C> | Promise<StateOf<C>> {
    return undefined as StateOf<C>;
  }

  /** Returns the tags of a new connection: at most 10, each of 1 to 256 characters. */
  getConnectionTags(
    _connection: ConnectionOf<C>,
    _context: ConnectionContext,
  ): readonly TagOf<C>[] | Promise<readonly TagOf<C>[]> {
    return [];
  }

  /**
   * Runs when a connection is open. Its messages are queued until the hook ends. A throw closes it.
   */
  onConnect(_connection: ConnectionOf<C>, _context: ConnectionContext): void | Promise<void> {}

  /** Runs for each message that is no event or call of a contract, one at a time per connection. */
  onMessage(_connection: ConnectionOf<C>, _message: Message): void | Promise<void> {}

  /**
   * Runs once when a connection has ended by either side, after its last `onMessage`. The
   * connection is no longer listed.
   *
   * @param code 1005 if the client sent no code, 1006 if the connection was lost.
   */
  onClose(
    _connection: ConnectionOf<C>,
    _code: number,
    _reason: string,
    _wasClean: boolean,
  ): void | Promise<void> {}

  /**
   * Runs after the room refused a message: it was no frame, no event or call of the contract, or
   * its data failed the schema. The client already has the error. Default: does nothing.
   */
  onInvalid(_connection: ConnectionOf<C>, _invalid: InvalidMessage): void | Promise<void> {}

  /** Runs for each error of a socket or a hook. Default: logs one line and the stack. */
  onError(error: unknown, { during, name }: ErrorContext): void | Promise<void> {
    const room = `${this.constructor.name} "${roomOf(this).name.value ?? this.ctx.id.toString()}"`;
    logError(`${room} ${name ?? during}`, error);
  }

  /** Answers a plain HTTP request. Default: 404. A thrown PartyError sets the status. */
  onRequest(_request: Request): Response | Promise<Response> {
    return new Response("This room takes WebSocket connections only.", { status: 404 });
  }

  /** Runs when the alarm of `ctx.storage.setAlarm()` is due. If it throws, the platform retries. */
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

/** The `onStart` that does nothing. An instrumentation may put another one into `Party` itself. */
const NO_START: unknown = Reflect.get(Party.prototype, "onStart");
