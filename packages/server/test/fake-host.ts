import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Contract } from "@partyflare/shared";
import { isThenable } from "@partyflare/shared/internal";
import { Alarms } from "../src/capabilities/alarms";
import type { Capability, Feature, Host, RoomConnection } from "../src/capabilities/capability";
import { RoomStorage } from "../src/storage/room-storage";
import { Turn } from "../src/turn";
import { asJson, type FakeClient, FakeConnection, fakeOf } from "./fake-connection";

export { FakeConnection } from "./fake-connection";

/** Runs a test with the storage of an object of its own, whose party has no capability. */
export async function withStorage(
  test: (storage: DurableObjectStorage) => void | Promise<void>,
): Promise<void> {
  const stub = env.BARE.getByName(`room-${crypto.randomUUID()}`);
  await runInDurableObject(stub, (_party, { storage }) => test(storage));
}

/** A step that runs at a time of the fake clock. */
interface Later {
  readonly atMs: number;
  readonly run: () => void;
}

/** An error of the app's code, as the party's `onError` gets it. */
export interface HookError {
  readonly error: unknown;
  readonly connection: FakeConnection | undefined;
}

/** What a fake host is made of. */
export interface FakeHostOptions<C extends Contract> {
  readonly contract?: C;
  /** The storage of an object, from `runInDurableObject`. Default: none, and using it throws. */
  readonly storage?: DurableObjectStorage;
}

/**
 * A room for one capability, without sockets, timers or a clock of its own. A test connects clients
 * and reads what they were sent. It moves the time by itself.
 *
 * @example
 * const room = FakeHost.with(presence({ who }));
 * const ada = room.connect("ada");
 * room.frame(ada, { set: { typing: true }, n: 1 });
 * room.pass(50);
 * expect(ada.take()).toEqual([{ moved: [["ada", { typing: true }]] }]);
 */
export class FakeHost<C extends Contract, Api> implements Host<C> {
  readonly contract: C;
  /** The errors of hooks and of steps, oldest first. */
  readonly errors: HookError[] = [];
  /** Whether the app has used up all timers: each step of `later` runs in the next turn. */
  isWithoutTimers = false;
  readonly #feature: Feature<C, Api>;
  readonly #storage: DurableObjectStorage | undefined;
  readonly #list = new Map<string, FakeConnection>();
  #turn: Turn;
  #made: ReturnType<Feature<C, Api>>;
  #owner: RoomStorage | undefined;
  /** Where there is no storage. */
  #wakeAtMs: number | null = null;
  #nowMs = 1_800_000_000_000;
  /** By how much the clock is wrong. */
  #clockErrorMs = 0;
  #afterTurn: (() => void)[] = [];
  #later: Later[] = [];
  #work: PromiseLike<unknown>[] = [];

  private constructor(feature: Feature<C, Api>, { contract, storage }: FakeHostOptions<C>) {
    this.contract = contract ?? ({} as C);
    this.#feature = feature;
    this.#storage = storage;
    this.#turn = this.#newTurn();
    this.#owner = this.#newOwner();
    this.#made = feature(this);
    this.capability.onStart?.();
  }

  /** Makes a capability, and starts it. */
  static with<C extends Contract, Api>(
    feature: Feature<C, Api>,
    options: FakeHostOptions<C> = {},
  ): FakeHost<C, Api> {
    return new FakeHost(feature, options);
  }

  // The test's side.

  get capability(): Capability {
    return this.#made.capability;
  }

  /** The result of `use`. */
  get api(): Api {
    return this.#made.api;
  }

  /** Connects a client, as a room does: it is listed in the turn of its `$hello`. */
  connect(id: string, client: FakeClient = {}): FakeConnection {
    const connection = new FakeConnection(id, client, (changed) => {
      if (this.#list.get(changed.id) === changed) this.capability.onChange?.(changed.real);
    });
    const { asked } = { asked: "", ...client };
    const subscribes = connection.isFramed && asked !== undefined;
    const { capability } = this;
    capability.authorize?.(connection.real);
    if (subscribes) this.#hello(connection, asked);
    const holder = this.#list.get(id);
    if (holder) this.leave(holder);
    this.#list.set(id, connection);
    if (subscribes) capability.afterHello?.(connection.real);
    capability.onConnect?.(connection.real);
    this.#afterTurn.push(() => {
      if (connection.isOpen) capability.afterConnect?.(connection.real);
    });
    return connection;
  }

  /** Subscribes a connected client, as `$with` does. */
  subscribe(connection: FakeConnection, asked = ""): void {
    this.#hello(connection, asked);
    this.capability.afterHello?.(connection.real);
  }

  /** Passes `[$name, payload]` of a client. Throws what the room would answer with `$error`. */
  frame(connection: FakeConnection, payload: unknown): void | Promise<void> {
    return this.capability.onFrame?.(connection.real, payload);
  }

  /** Disconnects a client. The capability learns of it after the turn: see `settle`. */
  leave(connection: FakeConnection): void {
    connection.isOpen = false;
    if (this.#list.get(connection.id) === connection) this.#list.delete(connection.id);
    this.#afterTurn.push(() => this.capability.onDisconnect?.(connection.real));
  }

  /**
   * Ends the turn: runs what `afterTurn` has collected, and what that collects.
   *
   * @throws Error if that never ends.
   */
  settle(): void {
    for (let turns = 0; this.#afterTurn.length > 0; turns += 1) {
      if (turns > 10_000) throw new Error("The room never comes to rest.");
      for (const run of this.#afterTurn.splice(0)) this.#turn.attempt(run);
    }
  }

  /** Ends the turn, and waits for async hooks. */
  async settled(): Promise<void> {
    this.settle();
    while (this.#work.length > 0) {
      // oxlint-disable-next-line no-await-in-loop -- a hook may start another
      await Promise.allSettled(this.#work.splice(0));
      this.settle();
    }
  }

  /** Sets the room's clock forward, or back. No time passes. */
  setClock(byMs: number): void {
    this.#clockErrorMs += byMs;
  }

  /** Moves the time. Runs each step of `later` at its own time, in a turn of its own. */
  pass(ms: number): void {
    this.settle();
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#later.reduce<Later | undefined>(
        (first, each) => (first && first.atMs <= each.atMs ? first : each),
        undefined,
      );
      if (!next || next.atMs > endMs) break;
      this.#later = this.#later.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#turn.attempt(next.run);
      this.settle();
    }
    this.#nowMs = endMs;
  }

  /** The number of steps that `later` has to run. While there is one, a room cannot sleep. */
  get timers(): number {
    return this.#later.length;
  }

  /** The time at which the capability is due; null for never. */
  get wakeAtMs(): number | null {
    if (!this.#storage) return this.#wakeAtMs;
    try {
      const rows = this.#storage.sql.exec<{ at_ms: number }>(`SELECT at_ms FROM partyflare_alarms`);
      return rows.toArray()[0]?.at_ms ?? null;
    } catch {
      // Nothing was ever due, and there is no table.
      return null;
    }
  }

  /** Runs `onAlarm` if it is due, as the room's alarm does. Returns whether it was. */
  ring(): boolean {
    if (this.wakeAtMs === null || this.wakeAtMs > this.#nowMs) return false;
    if (this.#owner) {
      const { name } = this.capability;
      const run = () => this.capability.onAlarm?.(this.#nowMs);
      for (const { error } of this.#alarms.ring(this.#nowMs, [name], run)) {
        this.errors.push({ error, connection: undefined });
      }
    } else {
      this.#wakeAtMs = null;
      this.capability.onAlarm?.(this.#nowMs);
    }
    this.settle();
    return true;
  }

  /**
   * Puts the room to sleep and wakes it: the capability is made anew, and the connections have
   * their attachments.
   *
   * @throws Error if a timer is set: such a room does not sleep.
   */
  sleep(): void {
    this.settle();
    if (this.timers > 0) throw new Error(`A room with ${this.timers} timers does not sleep.`);
    this.#restart();
  }

  /** Ends the room's process: nothing is left but its storage. Clients have to connect again. */
  crash(): void {
    for (const connection of this.#list.values()) connection.isOpen = false;
    this.#list.clear();
    this.#afterTurn = [];
    this.#later = [];
    this.#restart();
  }

  /** Runs a transaction of the party. */
  transaction<Result>(run: () => Result): Result {
    if (this.#owner) return this.#owner.transaction(run);
    return this.#turn.transaction(run);
  }

  // The capability's side.

  get storage(): RoomStorage {
    if (!this.#owner) throw new Error("This test has no storage: pass `storage` to FakeHost.with.");
    return this.#owner;
  }

  connections(): Iterable<RoomConnection> {
    return [...this.#list.values()].map(({ real }) => real);
  }

  connection(id: string): RoomConnection | undefined {
    return this.#list.get(id)?.real;
  }

  connectionsOf(client: string): Iterable<RoomConnection> {
    return [...this.connections()].filter((connection) => connection.client === client);
  }

  subscribers(): Iterable<RoomConnection> {
    const { name } = this.capability;
    return [...this.connections()].filter(({ data }) => data.isSubscribed(name));
  }

  send(to: Iterable<RoomConnection>, payload: () => unknown): void {
    const { name } = this.capability;
    const receivers = [...to].filter(({ data }) => data.isSubscribed(name));
    this.#turn.afterTransaction(() => {
      const sent = receivers.length > 0 ? asJson(payload()) : undefined;
      if (sent !== undefined) for (const receiver of receivers) fakeOf(receiver).deliver(sent);
    });
  }

  sendWithNext(connection: RoomConnection, payload: () => unknown): void {
    this.send([connection], payload);
  }

  readonly batchWindowMs = 16;

  afterTurn(run: () => void): void {
    this.#afterTurn.push(run);
  }

  later(run: () => void, ms: number): void {
    if (this.isWithoutTimers) this.#afterTurn.push(run);
    else this.#later.push({ atMs: this.#nowMs + ms, run });
  }

  runHook(hook: () => unknown, connection?: RoomConnection): void {
    const failed = (error: unknown) => {
      this.errors.push({ error, connection: connection && fakeOf(connection) });
    };
    try {
      const result = hook();
      if (isThenable(result)) this.#work.push(Promise.resolve(result).catch(failed));
    } catch (error) {
      failed(error);
    }
  }

  wakeAt(timeMs: number | null): void {
    if (this.#owner) this.#alarms.set(this.capability.name, timeMs);
    else this.#wakeAtMs = timeMs === null ? null : Math.ceil(timeMs);
  }

  now(): number {
    return this.#nowMs + this.#clockErrorMs;
  }

  /** The test rings. The platform's own alarm would ring by another clock. */
  get #alarms(): Alarms {
    const silent = { setAlarm: async () => {}, deleteAlarm: async () => {} };
    return new Alarms(this.storage, silent as unknown as DurableObjectStorage);
  }

  #hello(connection: FakeConnection, asked: string): void {
    const { name } = this.capability;
    connection.hello = asJson(this.capability.onHello?.(connection.real, asked) ?? {});
    connection.data.subscribe([name]);
  }

  #restart(): void {
    this.#turn = this.#newTurn();
    this.#owner = this.#newOwner();
    this.#made = this.#feature(this);
    this.capability.onStart?.();
  }

  #newTurn(): Turn {
    const turn = new Turn((error) => void this.errors.push({ error, connection: undefined }));
    turn.start();
    return turn;
  }

  #newOwner(): RoomStorage | undefined {
    if (!this.#storage) return undefined;
    const owner = new RoomStorage(this.#storage, this.#turn, {
      onRollback: (transaction) => this.capability.onRollback?.(transaction),
      onWiped: () => this.capability.onWiped?.(),
    });
    owner.checkSqlite();
    return owner;
  }
}
