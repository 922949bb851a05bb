import type { Contract } from "@partyflare/shared";
import { encodeEvent, encodeServerFrame, mistake, partyErrorOf } from "@partyflare/shared/internal";
import { Alarms } from "./capabilities/alarms";
import { Capabilities } from "./capabilities/capabilities";
import type { Closing } from "./connections/connection";
import { hibernatingSockets } from "./connections/hibernating";
import { inMemorySockets } from "./connections/in-memory";
import { Registry } from "./connections/registry";
import type { RoomConnection } from "./connections/room-connection";
import { closeSocket, NO_CLOSE_FRAME, SERVICE_RESTART } from "./connections/socket";
import type { Dialect } from "./dialect";
import type { Hooks } from "./hooks";
import { errorBoundary, report } from "./incoming/error-boundary";
import { RateLimits } from "./incoming/rate-limit";
import { receive } from "./incoming/receive";
import { upgrade } from "./incoming/upgrade";
import { isResponse } from "./http-objects";
import type { Limits, ResolvedOptions } from "./options";
import { audienceOf, type EmitOptions } from "./outgoing/audience";
import { Batch } from "./outgoing/batch";
import { type Encoder, encoderOf } from "./outgoing/encoder";
import { isUpgrade, refuseInRoom } from "./refusal";
import { RoomName } from "./routing/room-name";
import { RoomStorage } from "./storage/room-storage";
import { Turn } from "./turn";

/** The parts of a room. */
interface RoomParts {
  readonly ctx: DurableObjectState;
  readonly env: object;
  readonly party: Hooks;
  readonly contract: Contract;
  readonly options: ResolvedOptions;
  /** Only of classes that were written for another library. */
  readonly dialect?: Dialect;
}

/** The room of each object. A development server may create a second one for the same object. */
const ROOMS = new WeakMap<DurableObjectState, Room>();

/**
 * The room behind a party. It takes the platform's events, keeps their order, handles errors, and
 * calls the party's hooks.
 */
export class Room {
  readonly name: RoomName;
  readonly turn: Turn;
  readonly registry: Registry;
  readonly encoder: Encoder;
  readonly batch: Batch;
  readonly capabilities: Capabilities;
  readonly contract: Contract;
  readonly party: Hooks;
  readonly limits: Limits;
  readonly rates: RateLimits;
  readonly dialect: Dialect | undefined;
  /** Handlers by the name of the event or call. */
  handlers: object = {};
  readonly #ctx: DurableObjectState;
  #storage: RoomStorage | undefined;

  constructor({ ctx, env, party, contract, options, dialect }: RoomParts) {
    this.#ctx = ctx;
    this.name = new RoomName(ctx, env);
    this.party = party;
    this.contract = contract;
    this.dialect = dialect;
    this.limits = options.limits;
    this.rates = new RateLimits(options.limits);
    this.encoder = encoderOf(contract, options.checkOutgoing);
    this.turn = new Turn((error) => this.keepAwake(report(party, error, { during: "send" })));
    this.batch = new Batch(options.batch.windowMs, this.turn);
    const sockets = options.hibernate
      ? hibernatingSockets(ctx, dialect)
      : inMemorySockets(ctx, {
          message: ({ socket }, message) => this.message(socket, message),
          close: (connection, closing) => this.#closed(connection.socket, connection, closing),
          error: (connection, error) => this.#failed(connection, error),
        });
    this.registry = new Registry(sockets, {
      turn: this.turn,
      dialect,
      deadAfterMs: options.limits.deadAfterMs,
      maxBufferedBytes: options.limits.bufferedBytes,
      post: (connection, frame) => this.batch.send(connection, frame),
      emit: (connection, name, data) => this.#emitTo(connection, name, data),
      onChange: (connection) => this.capabilities.change(connection),
      onLeave: (connection, closing) => this.turn.after(() => this.#left(connection, closing)),
    });
    this.capabilities = new Capabilities(this);
    ROOMS.get(ctx)?.retire(options.hibernate);
    ROOMS.set(ctx, this);
  }

  /** Created at its first use: a plain room stores nothing. */
  get storage(): RoomStorage {
    return (this.#storage ??= new RoomStorage(this.#ctx.storage, this.turn, {
      onRollback: (transaction) => this.capabilities.rollBack(transaction),
      onWiped: () => this.capabilities.wipe(),
    }));
  }

  /** They have no memory of their own. */
  get alarms(): Alarms {
    return new Alarms(this.storage, this.#ctx.storage);
  }

  /** Sends an event. A capability may own the event; it writes the event first. */
  emit(name: string, data: unknown, options: EmitOptions): void {
    const frame = this.encoder.encodeEvent(name, data);
    const capability = this.capabilities.ofEvent(name);
    if (!capability?.onEmit) {
      const key =
        options.latestBy === undefined ? undefined : JSON.stringify([name, options.latestBy]);
      return this.batch.sendAll(audienceOf(this.registry, options), frame, key);
    }
    const { latestBy, ...audience } = options;
    if (latestBy !== undefined) {
      throw new TypeError(`"${name}" is durable: none replaces another, so it has no latestBy.`);
    }
    const withData = data === undefined ? encodeEvent(name, null) : frame;
    const delivery = capability.onEmit({ name, frame: withData, audience });
    this.batch.sendAll(delivery.to, delivery.frame);
  }

  /** Returns the first frame of a connection. An error that it throws refuses the connection. */
  hello(connection: RoomConnection, query: URLSearchParams): string {
    const parts = this.capabilities.hello(connection, query);
    const room = this.name.value ?? "";
    const { id, client } = connection;
    return encodeServerFrame({ kind: "hello", id, room, client, parts });
  }

  /** Keeps the room in memory until work is done that no event waits for. */
  keepAwake(work: void | Promise<void>): void {
    if (work) this.#ctx.waitUntil(work);
  }

  /**
   * Retires the room: another instance of the class has taken over its object. Clients reconnect to
   * that one, unless it has their sockets too. Queued frames are then flushed, so that none follows
   * a frame of the new instance.
   */
  retire(keepsSockets: boolean): void {
    this.batch.retire();
    if (keepsSockets) return;
    for (const connection of this.registry.all()) connection.close(SERVICE_RESTART);
  }

  async fetch(request: Request): Promise<Response> {
    this.name.learn(request);
    if (isUpgrade(request)) return upgrade(this, request);
    try {
      const response: unknown = await this.party.onRequest(request);
      if (isResponse(response)) return response;
      throw new TypeError(`onRequest returns a Response, not ${typeof response}.`);
    } catch (error) {
      const refused = partyErrorOf(error);
      if (!refused) await report(this.party, error, { during: "onRequest" });
      return refuseInRoom(request, refused ?? mistake("internal"));
    }
  }

  /**
   * Runs the capabilities that are due, or `onAlarm` where no capability needs the alarm. A
   * capability that failed runs again later. The platform retries an `onAlarm` that throws.
   */
  async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const during = "onAlarm";
    try {
      if (!this.capabilities.areTimed) return await this.party.onAlarm(info);
      const failed = this.capabilities.alarm(Date.now());
      await Promise.all(
        failed.map(({ error, name }) => report(this.party, error, { during, name })),
      );
    } catch (error) {
      await report(this.party, error, { during });
      throw error;
    }
  }

  message(socket: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
    const connection = this.registry.of(socket);
    if (connection) return receive(this, connection, message);
    const bytes = typeof message === "string" ? message.length : message.byteLength;
    this.rates.takeLate(socket, bytes, Date.now());
  }

  close(socket: WebSocket, closing: Closing): Promise<void> {
    return this.#closed(socket, this.registry.of(socket), closing);
  }

  error(socket: WebSocket, error: unknown): void | Promise<void> {
    const connection = this.registry.of(socket);
    if (connection) return this.#failed(connection, error);
  }

  #emitTo(connection: RoomConnection, name: string, data: unknown): void {
    if (this.capabilities.ofEvent(name)) {
      return this.emit(name, data, { clients: [connection.client] });
    }
    this.batch.send(connection, this.encoder.encodeEvent(name, data));
  }

  async #closed(
    socket: WebSocket,
    connection: RoomConnection | undefined,
    closing: Closing,
  ): Promise<void> {
    // Without an answer, a client would wait 10 s and get 1006. After 1006 the peer is gone.
    if (closing.code !== NO_CLOSE_FRAME) closeSocket(socket, closing.code, closing.reason);
    connection?.closedByPeer(closing);
    // `onClose` runs after this microtask.
    await Promise.resolve();
    await connection?.queue.settled;
  }

  async #failed(connection: RoomConnection, error: unknown): Promise<void> {
    // The platform may report the end of a connection that is closed already.
    if (connection.hasLeft) return;
    connection.closedByPeer({ code: NO_CLOSE_FRAME, reason: "", wasClean: false });
    await report(this.party, error, { connection, during: "socket" });
    await connection.queue.settled;
  }

  #left(connection: RoomConnection, { code, reason, wasClean }: Closing): void {
    this.capabilities.disconnect(connection);
    const done = connection.queue.push(() =>
      errorBoundary(this.party, { connection, during: "onClose" }, () =>
        this.party.onClose(connection, code, reason, wasClean),
      ),
    );
    this.keepAwake(done);
  }
}
