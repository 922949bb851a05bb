import {
  type Contract,
  encodeEvent,
  encodeServerFrame,
  PartyError,
  partyErrorOf,
  type Position,
  type ServerFrame,
  type WireOnce,
} from "@partyflare/shared";
import { CallResults } from "./capabilities/call-results";
import type { Capability, Host } from "./capabilities/capability";
import { Settings } from "./capabilities/settings";
import type { Closing, Connection } from "./connections/connection";
import type { RoomConnection } from "./connections/room-connection";
import { Hold } from "./connections/hold";
import { hibernatingSockets } from "./connections/hibernating";
import { inMemorySockets } from "./connections/in-memory";
import { Registry } from "./connections/registry";
import { closeSocket, NO_CLOSE_FRAME } from "./connections/socket";
import type { FrameHandler } from "./incoming/dispatch";
import { guard, report } from "./incoming/guard";
import { checkHandlers } from "./incoming/handlers";
import type { OnceRoom } from "./incoming/once";
import { RateLimits } from "./incoming/rate-limit";
import { receive } from "./incoming/receive";
import { type ConnectHooks, upgrade } from "./incoming/upgrade";
import { isResponse } from "./http-objects";
import type { Limits, ResolvedOptions } from "./options";
import { audienceOf, type EmitOptions } from "./outgoing/audience";
import { Batch } from "./outgoing/batch";
import { deliverFrame } from "./outgoing/delivery";
import { type Promises, promisesOf } from "./outgoing/promises";
import { isUpgrade, refuseInRoom } from "./refusal";
import type { RoomName } from "./routing/room-name";

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
  readonly name: RoomName;
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
export class Room implements Host {
  readonly registry: Registry;
  readonly promises: Promises;
  readonly batch: Batch;
  readonly results: CallResults;
  readonly running: OnceRoom["running"] = new Map();
  readonly contract: Contract;
  readonly party: Hooks;
  readonly limits: Limits;
  readonly rates: RateLimits;
  /** By event and call. */
  handlers: object = {};
  readonly #ctx: DurableObjectState;
  readonly #name: RoomName;
  readonly #authorizes: boolean;
  readonly #hold = new Hold();
  /** The calls that happen once. */
  readonly #onceCalls: readonly string[];
  #durable: Capability | undefined;

  constructor({ ctx, name, party, contract, options, authorizes }: RoomParts) {
    this.#ctx = ctx;
    this.#name = name;
    this.#authorizes = authorizes;
    this.party = party;
    this.contract = contract;
    this.limits = options.limits;
    this.rates = new RateLimits(options.limits);
    this.promises = promisesOf(contract, options.checkOutgoing);
    this.batch = new Batch(options.batch.windowMs, this.#hold);
    this.results = new CallResults(ctx.storage, () => this.now());
    this.results.onNewEpoch = () => this.onNewEpoch();
    this.results.onForgotten = () => this.#tellOnce();
    this.#onceCalls = Object.entries(contract.calls ?? {}).flatMap(([name, call]) =>
      call.once ? [name] : [],
    );
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
      emit: (connection, name, data) => this.#emitTo(connection, name, data),
      hold: this.#hold,
    });
  }

  get storage(): DurableObjectStorage {
    return this.#ctx.storage;
  }

  now(): number {
    return Date.now();
  }

  /** Calls that the library answers itself. */
  get libraryCalls(): Capability["calls"] {
    return this.#durable?.calls ?? {};
  }

  /** Takes a capability in. */
  use<Used extends Capability>(capability: Used): Used {
    if (this.#durable) throw new TypeError("A party uses history() once.");
    this.#durable = capability;
    return capability;
  }

  /** Sends an event, once it is written where it is durable. */
  emit(name: string, data: unknown, { latestBy, ...audience }: EmitOptions): void {
    const frame = this.promises.encodeEvent(name, data);
    const durable = this.#durableOf(name);
    if (!durable) {
      const key = latestBy === undefined ? undefined : JSON.stringify([name, latestBy]);
      return deliverFrame(audienceOf(this.registry, audience), frame, this.batch, key);
    }
    if (latestBy !== undefined) {
      throw new TypeError(`"${name}" is durable: none replaces another, so it has no latestBy.`);
    }
    const withData = data === undefined ? encodeEvent(name, null) : frame;
    const written = durable.onEmit(name, withData, audience);
    for (const connection of audienceOf(this.registry, audience)) {
      if (!durable.isReplaying(connection)) this.batch.send(connection, written);
    }
  }

  /** What clients know of the storage is worth nothing: they are told. */
  onNewEpoch(): void {
    const history = this.#durable?.onNewEpoch();
    if (history) {
      for (const connection of this.registry.all()) {
        this.#tell(connection, { kind: "resume", history });
      }
    }
    this.#tellOnce();
  }

  forgetOldResults(): void {
    const present = () => new Set(Array.from(this.registry.all(), ({ keyHash }) => keyHash));
    this.results.forgetOld(present);
  }

  /** Writes and sends all of it, or nothing. */
  transaction<Result>(run: () => Result): Result {
    try {
      return this.#hold.run(() => this.storage.transactionSync(run));
    } catch (error) {
      this.#durable?.forget();
      this.results.forget();
      throw error;
    }
  }

  /** What a connection is to be told first. It is asked before the connection is listed, since it may throw. */
  greeting(connection: RoomConnection, position: Position | null): () => void {
    // It may have been wiped since: `deleteAll()` tells nobody.
    if (this.#durable && !Settings.areIn(this.storage)) this.#durable.forget();
    const greeting = this.#durable?.onConnect(connection, position);
    const once = this.#onceCalls.length > 0 && { once: this.#onceOf(connection) };
    const history = greeting && { history: greeting.history };
    const room = this.#name.value ?? "";
    const hello: ServerFrame = { kind: "hello", id: connection.id, room, ...history, ...once };
    return () => {
      this.#tell(connection, hello);
      greeting?.follow();
    };
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
      if (isResponse(response)) return response;
      throw new TypeError(`onRequest returns a Response, not ${typeof response}.`);
    } catch (error) {
      const refusal = partyErrorOf(error);
      if (!refusal) await report(this.party, error, { during: "onRequest" });
      return refuseInRoom(request, refusal ?? new PartyError("internal"));
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

  /** A frame of the library's own: a raw connection gets none. */
  #tell(connection: RoomConnection, frame: ServerFrame): void {
    if (connection.isFramed) connection.transmit(encodeServerFrame(frame));
  }

  #tellOnce(): void {
    if (this.#onceCalls.length === 0) return;
    for (const connection of this.registry.all()) {
      this.#tell(connection, { kind: "once", once: this.#onceOf(connection) });
    }
  }

  #onceOf({ keyHash }: RoomConnection): WireOnce {
    const latest = (keyHash !== null && this.results.latestOf(keyHash)) || 0;
    return { calls: this.#onceCalls, since: this.results.since, latest };
  }

  #emitTo(connection: RoomConnection, name: string, data: unknown): void {
    if (this.#durableOf(name)) return this.emit(name, data, { to: [connection.id] });
    this.batch.send(connection, this.promises.encodeEvent(name, data));
  }

  #durableOf(name: string): Capability | undefined {
    return this.#durable?.events.has(name) ? this.#durable : undefined;
  }

  /** What TypeScript cannot ask of a subclass. */
  #checkComplete(): void {
    checkHandlers(this.contract, this.handlers);
    if (this.contract.state && !this.#authorizes) {
      throw new TypeError("A contract with `state` needs an `authorize` that returns it.");
    }
    // Asked for here, and not by the first client: storage without SQLite throws, and says so.
    if (this.#durable || this.#onceCalls.length > 0) void this.storage.sql;
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
    if (this.#onceCalls.length > 0 && connection.keyHash !== null) {
      this.results.left(connection.keyHash);
    }
  }
}
