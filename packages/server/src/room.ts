import { type Contract, PartyError } from "@partyflare/shared";
import type { Closing, Connection } from "./connections/connection";
import type { RoomConnection } from "./connections/room-connection";
import { hibernatingSockets } from "./connections/hibernating";
import { inMemorySockets } from "./connections/in-memory";
import { Registry } from "./connections/registry";
import { closeSocket, NO_CLOSE_FRAME } from "./connections/socket";
import type { FrameHandler } from "./incoming/dispatch";
import { guard, report } from "./incoming/guard";
import { checkHandlers } from "./incoming/handlers";
import { RateLimits } from "./incoming/rate-limit";
import { receive } from "./incoming/receive";
import { type ConnectHooks, upgrade } from "./incoming/upgrade";
import type { Limits, ResolvedOptions } from "./options";
import { Batch } from "./outgoing/batch";
import { type Promises, promisesOf } from "./outgoing/promises";
import { isUpgrade, refuse } from "./refusal";

/** The hooks of a party, as its room calls them. */
interface Hooks extends ConnectHooks, FrameHandler {
  onStart(): void | Promise<void>;
  onClose(
    connection: Connection,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void>;
  onRequest(request: Request): Response | Promise<Response>;
  onAlarm(info?: AlarmInvocationInfo): void | Promise<void>;
}

/** What a room is made of. */
interface RoomParts {
  readonly ctx: DurableObjectState;
  readonly party: Hooks;
  readonly contract: Contract;
  readonly options: ResolvedOptions;
  /** Whether the class has an `authorize` of its own. */
  readonly authorizes: boolean;
}

/**
 * What a party runs on: takes what the platform reports, sees to the order and the errors, and
 * calls the party's hooks.
 */
export class Room {
  readonly registry: Registry;
  readonly promises: Promises;
  readonly batch: Batch;
  readonly contract: Contract;
  readonly party: Hooks;
  readonly limits: Limits;
  readonly rates: RateLimits;
  /** By event and call. */
  handlers: object = {};
  readonly #ctx: DurableObjectState;
  readonly #authorizes: boolean;

  constructor({ ctx, party, contract, options, authorizes }: RoomParts) {
    this.#ctx = ctx;
    this.#authorizes = authorizes;
    this.party = party;
    this.contract = contract;
    this.limits = options.limits;
    this.rates = new RateLimits(options.limits);
    this.promises = promisesOf(contract, options.checkOutgoing);
    this.batch = new Batch(options.batch.windowMs);
    const sockets = options.hibernate
      ? hibernatingSockets(ctx)
      : inMemorySockets({
          message: ({ socket }, message) => this.message(socket, message),
          close: (connection, closing) => this.#closed(connection.socket, connection, closing),
          error: (connection, error) => this.#failed(connection, error),
        });
    this.registry = new Registry(sockets, {
      onLeave: (connection, closing) => this.#left(connection, closing),
      maxBufferedBytes: options.limits.bufferedBytes,
      post: (connection, frame) => this.batch.send(connection, frame),
      encodeEvent: (name, data) => this.promises.encodeEvent(name, data),
    });
  }

  /** The room's name; empty where it has none. */
  get name(): string {
    return this.#ctx.id.name ?? "";
  }

  /** Keeps the room in memory until some work is done that no event waits for. */
  keepAwake(work: void | Promise<void>): void {
    if (work) this.#ctx.waitUntil(work);
  }

  /** Runs `onStart`. What it throws is reported, and thrown on: it resets the object. */
  async start(): Promise<void> {
    // By the next turn the subclass's fields are there.
    await Promise.resolve();
    try {
      this.#checkComplete();
      await this.party.onStart();
    } catch (error) {
      await report(this.party, error, { during: "onStart" });
      throw error;
    }
  }

  async fetch(request: Request): Promise<Response> {
    if (isUpgrade(request)) return upgrade(this, request);
    try {
      const response: unknown = await this.party.onRequest(request);
      if (response instanceof Response) return response;
      throw new TypeError(`onRequest returns a Response, not ${typeof response}.`);
    } catch (error) {
      if (error instanceof PartyError) return refuse(request, error);
      await report(this.party, error, { during: "onRequest" });
      return refuse(request, new PartyError("internal"));
    }
  }

  /** What `onAlarm` throws is reported, and thrown on: the platform tries again. */
  async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      await this.party.onAlarm(info);
    } catch (error) {
      await report(this.party, error, { during: "onAlarm" });
      throw error;
    }
  }

  message(socket: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
    const connection = this.registry.of(socket);
    if (connection) return receive(this, connection, message);
    const bytes = typeof message === "string" ? message.length : message.byteLength;
    this.rates.takeLate(socket, bytes, Date.now());
  }

  close(socket: WebSocket, closing: Closing): void | Promise<void> {
    return this.#closed(socket, this.registry.of(socket), closing);
  }

  error(socket: WebSocket, error: unknown): void | Promise<void> {
    const connection = this.registry.of(socket);
    if (connection) return this.#failed(connection, error);
  }

  /** What TypeScript cannot ask of a subclass. */
  #checkComplete(): void {
    checkHandlers(this.contract, this.handlers);
    if (this.contract.state && !this.#authorizes) {
      throw new TypeError("A contract with `state` needs an `authorize` that returns it.");
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
    await report(this.party, error, { connection, during: "socket" });
    await connection.inbox.settled;
  }

  #left(connection: RoomConnection, { code, reason, wasClean }: Closing): void {
    const done = connection.inbox.push(() =>
      guard(this.party, { connection, during: "onClose" }, () =>
        this.party.onClose(connection, code, reason, wasClean),
      ),
    );
    this.keepAwake(done);
  }
}
