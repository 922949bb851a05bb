import { DurableObject } from "cloudflare:workers";
import { type Message, PartyError, type SendableMessage } from "@partyflare/shared";
import type { Closing, Connection, RoomConnection } from "./connections/connection";
import { hibernatingSockets } from "./connections/hibernating";
import { inMemorySockets } from "./connections/in-memory";
import { Registry } from "./connections/registry";
import { closeSocket, NO_CLOSE_FRAME } from "./connections/socket";
import { type ErrorContext, guard, report } from "./incoming/guard";
import { receive } from "./incoming/receive";
import { type ConnectionContext, type Credential, upgrade } from "./incoming/upgrade";
import { logError } from "./log";
import { type PartyOptions, resolveOptions } from "./options";
import { deliver } from "./outgoing/delivery";
import { isUpgrade, refuse } from "./refusal";
import { fetchRoom, type FetchRoomOptions } from "./routing/fetch-room";
import { type RoomOptions, roomStub } from "./routing/with-room";

/**
 * A kind of room: a Durable Object whose instances are rooms that clients connect to.
 *
 * Extend it, override the hooks you need, and export the class from your Worker. Every hook may be
 * async. What a hook throws goes to `onError`, never to a client; the room lives on.
 *
 * @typeParam Env the Worker's bindings, as `this.env` has them.
 *
 * @example
 * export class Echo extends Party<Env> {
 *   onMessage(connection: Connection, message: Message) {
 *     this.broadcast(message, [connection.id]);
 *   }
 * }
 */
export class Party<Env = Cloudflare.Env> extends DurableObject<Env> {
  /** Set it in a subclass: `static options = { hibernate: true }`. Merged along the hierarchy. */
  static options: PartyOptions = {};

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

  readonly #registry: Registry;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sockets = resolveOptions(new.target).hibernate
      ? hibernatingSockets(ctx)
      : inMemorySockets({
          message: (connection, message) => receive(this, connection, message),
          close: (connection, code, reason, wasClean) =>
            this.#closed(connection.socket, connection, { code, reason, wasClean }),
          error: (connection, error) => this.#failed(connection, error),
        });
    this.#registry = new Registry(sockets, (connection, closing) =>
      this.#left(connection, closing),
    );
    // A rejection resets the object, and whoever waits for it is told by the platform.
    ctx.blockConcurrencyWhile(() => this.#start()).catch(() => {});
  }

  /**
   * The room's name.
   *
   * @throws Error where it has none: reached by `newUniqueId()` or `idFromString()`.
   */
  get room(): string {
    const { name } = this.ctx.id;
    if (name === undefined) {
      throw new Error(
        "This room has no name, since its id came from newUniqueId() or idFromString(). " +
          "Reach it with Party.withRoom() or Party.fetchRoomForRequest().",
      );
    }
    return name;
  }

  /**
   * Sends a message to every open connection.
   *
   * @param exclude ids of connections that do not get it. Default: none.
   * @throws TypeError for what is neither text nor bytes.
   */
  broadcast(message: SendableMessage, exclude: readonly string[] = []): void {
    deliver(this.#registry.all(), message, exclude);
  }

  /**
   * The open connections that carry every one of the tags, in no particular order: an array that
   * does not change.
   *
   * @param tags default: none, which gives all open connections.
   */
  getConnections<State = unknown>(tags: readonly string[] = []): Connection<State>[] {
    return this.#registry.withTags(tags) as Connection<State>[];
  }

  /** The open connection with this id, if there is one. */
  getConnection<State = unknown>(id: string): Connection<State> | undefined {
    return this.#registry.get(id) as Connection<State> | undefined;
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
  authorize(_request: Request, _credential: Credential): unknown {
    return undefined;
  }

  /** What a new connection is tagged with: at most 10 tags, each of 1 to 256 characters. */
  getConnectionTags(
    _connection: Connection,
    _context: ConnectionContext,
  ): readonly string[] | Promise<readonly string[]> {
    return [];
  }

  /** A connection is open, and listed. Its messages wait until this is done. A throw closes it. */
  onConnect(_connection: Connection, _context: ConnectionContext): void | Promise<void> {}

  /** A message has arrived. A connection's messages are handled one after the other. */
  onMessage(_connection: Connection, _message: Message): void | Promise<void> {}

  /**
   * A connection has ended, by either side; once each, after its last `onMessage`. It is listed
   * no more.
   *
   * @param code 1005 where the client gave none, 1006 where it vanished.
   */
  onClose(
    _connection: Connection,
    _code: number,
    _reason: string,
    _wasClean: boolean,
  ): void | Promise<void> {}

  /** An error of a socket, or one that a hook threw. Default: a line in the error log. */
  onError(error: unknown, { during }: ErrorContext): void | Promise<void> {
    logError(
      `${this.constructor.name} "${this.ctx.id.name ?? this.ctx.id.toString()}" ${during}`,
      error,
    );
  }

  /** A plain HTTP request to the room. Default: 404. A thrown PartyError answers with its status. */
  onRequest(_request: Request): Response | Promise<Response> {
    return new Response("This room takes WebSocket connections only.", { status: 404 });
  }

  /** The alarm set by `this.ctx.storage.setAlarm()` is due. If it throws, the platform tries again. */
  onAlarm(_info?: AlarmInvocationInfo): void | Promise<void> {}

  /** The platform's entry point. Override `onRequest` and `onConnect`. */
  override async fetch(request: Request): Promise<Response> {
    if (isUpgrade(request)) return upgrade(this, this.#registry, request);
    try {
      const response: unknown = await this.onRequest(request);
      if (response instanceof Response) return response;
      throw new TypeError(`onRequest returns a Response, not ${typeof response}.`);
    } catch (error) {
      if (error instanceof PartyError) return refuse(request, error);
      await report(this, error, { during: "onRequest" });
      return refuse(request, new PartyError("internal"));
    }
  }

  /** The platform's entry point. Override `onAlarm`. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      await this.onAlarm(info);
    } catch (error) {
      await report(this, error, { during: "onAlarm" });
      throw error;
    }
  }

  /** The platform's entry point. Override `onMessage`. */
  override webSocketMessage(socket: WebSocket, message: Message): void | Promise<void> {
    const connection = this.#registry.of(socket);
    if (connection) return receive(this, connection, message);
  }

  /** The platform's entry point. Override `onClose`. */
  override webSocketClose(
    socket: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void> {
    return this.#closed(socket, this.#registry.of(socket), { code, reason, wasClean });
  }

  /** The platform's entry point. Override `onError` and `onClose`. */
  override webSocketError(socket: WebSocket, error: unknown): void | Promise<void> {
    const connection = this.#registry.of(socket);
    if (connection) return this.#failed(connection, error);
  }

  async #start(): Promise<void> {
    // By the next turn the subclass's fields are there.
    await Promise.resolve();
    try {
      await this.onStart();
    } catch (error) {
      await report(this, error, { during: "onStart" });
      throw error;
    }
  }

  #closed(
    socket: WebSocket,
    connection: RoomConnection | undefined,
    closing: Closing,
  ): void | Promise<void> {
    // Unanswered, a client would wait 10 s and see 1006. After 1006 there is nobody to answer.
    if (closing.code !== NO_CLOSE_FRAME) closeSocket(socket, closing.code, closing.reason);
    connection?.closedByPeer(closing);
    return connection?.inbox.settled;
  }

  async #failed(connection: RoomConnection, error: unknown): Promise<void> {
    // The platform may report the end of a connection that has been closed already.
    if (connection.hasLeft) return;
    connection.closedByPeer({ code: NO_CLOSE_FRAME, reason: "", wasClean: false });
    await report(this, error, { connection, during: "socket" });
    await connection.inbox.settled;
  }

  #left(connection: RoomConnection, { code, reason, wasClean }: Closing): void {
    const done = connection.inbox.push(() =>
      guard(this, { connection, during: "onClose" }, () =>
        this.onClose(connection, code, reason, wasClean),
      ),
    );
    if (done) this.ctx.waitUntil(done);
  }
}
