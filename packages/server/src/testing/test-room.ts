import type { Contract } from "@partyflare/shared";
import type { Party } from "../party";
import { advance, type AdvancedRoom } from "./advance";
import type { BaseClient, RoomLink } from "./base-client";
import { clock } from "./clock";
import { Deadline, type Patience, waitFor, type WaitOptions } from "./patience";
import { RawClient, type RawJoinOptions } from "./raw-client";
import {
  type About,
  pathOf,
  type Place,
  type RoomObject,
  start,
  stubOf,
  upgrade,
} from "./room-kinds";
import { shown } from "./shown";
import { type JoinOptions, TestClient } from "./test-client";
import { isFaked, loadClient, type Tools } from "./tools";
import { isOwn } from "./timers";
import { forgetTurns, inTurn } from "./turns";

/** The class of a party, as `DurableObjectNamespace<Chat>` has it; undefined without one. */
export type AnyRoom = Rpc.DurableObjectBranded | undefined;

/** The contract of a party's class. */
// oxlint-disable-next-line typescript/no-explicit-any -- any bindings
export type ContractOf<Room> = Room extends Party<any, infer C> ? C : {};

/** The party that `run` passes: any one, if the namespace does not name its class. */
export type PartyOf<Room> = Room extends undefined ? Party : Room;

/** The rooms whose tests run. One clock moves them all. */
const rooms = new Set<AdvancedRoom>();

/** A room in a test. `openRoom` returns it. */
export class TestRoom<Room extends AnyRoom> {
  /** The room's name. */
  readonly name: string;
  readonly #namespace: DurableObjectNamespace<Room>;
  readonly #tools: Tools;
  readonly #patience: Patience;
  readonly #about: About;
  readonly #place: Place;
  readonly #clients = new Set<BaseClient>();
  readonly #link: RoomLink;
  readonly #advanced: AdvancedRoom;
  /** The Durable Object in which the test runs has made it. */
  readonly #socketOfTest = new WebSocketPair()[0];
  #isClosed = false;

  /** @internal Tests call `openRoom`. */
  constructor(
    namespace: DurableObjectNamespace<Room>,
    place: Place,
    { tools, about, patience }: { tools: Tools; about: About; patience: Patience },
  ) {
    this.name = place.name;
    this.#place = place;
    this.#namespace = namespace;
    this.#tools = tools;
    this.#about = about;
    this.#patience = patience;
    this.#link = {
      about,
      name: place.name,
      path: pathOf(about, place.name),
      upgrade: (url, headers) => upgrade(new Request(url, { headers }), about, place),
      settle: () => this.settle(),
      count: (id) => this.#inside((object) => connectionsOf(object, id).length),
      countOpen: (id) => Array.from(this.#clients).filter((each) => each.isOpenAs(id)).length,
      mark: (id, text) =>
        this.#inside((object) => connectionsOf(object, id).forEach((each) => each.send(text))),
      timeoutMs: (options) => this.#timeoutMs(options),
      checkIsOpen: (what) => this.#checkIsOpen(what),
    };
    const clients = this.#clients;
    this.#advanced = {
      get activity() {
        return Array.from(clients, ({ activity }) => activity).reduce((sum, one) => sum + one, 0);
      },
      answered: (options) => Promise.all(Array.from(clients, (client) => client.answered(options))),
      alarmAtMs: () => this.#inside((_object, { storage }) => storage.getAlarm()),
      ring: () => tools.pool.runDurableObjectAlarm(this.stub),
      run: (run) => this.#inside(run),
      settle: (options) => this.#settle(options),
    };
    rooms.add(this.#advanced);
    clock.hold();
  }

  /** A stub of the room: for its `fetch`, and for the party's own methods (RPC). */
  get stub(): DurableObjectStub<Room> {
    return stubOf(this.#namespace, this.name, this.#about.kind);
  }

  /**
   * Connects a client with the party's contract. It returns when the room is open for the client.
   *
   * @typeParam C the contract's type. Default: that of the party's class.
   * @param options as for `connect`, without the room. Default: a new client without a token.
   * @throws PartyError if the room refuses the client. `code` is the room's, and `data` has the close
   *   code and reason.
   */
  async join<C extends Contract = ContractOf<Room>>(
    options: JoinOptions = {},
  ): Promise<TestClient<C>> {
    const functions = await loadClient();
    this.#checkIsOpen("join");
    const { className, kind } = this.#about;
    if (kind === "server") {
      throw new Error(
        `join: ${className} has no contract, as a class of partyserver or PartyKit. Use joinRaw().`,
      );
    }
    return this.#opened(new TestClient<C>(this.#link, functions, options));
  }

  /**
   * Connects without a contract: the messages go to `onMessage`. It returns when the connection is
   * open.
   *
   * @throws Error if the room refuses the connection. Its text has the close code and reason.
   */
  async joinRaw(options: RawJoinOptions = {}): Promise<RawClient> {
    this.#checkIsOpen("joinRaw");
    return this.#opened(new RawClient(this.#link, options));
  }

  /** Runs a function inside the room, with the party itself and its `ctx`. */
  run<Result>(
    run: (party: PartyOf<Room>, ctx: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#inside((object, ctx) => run(object as unknown as PartyOf<Room>, ctx));
  }

  /**
   * Waits until the room has handled everything that the clients of this test have sent, and the
   * clients have everything that the room has sent. It takes no time beyond that.
   */
  settle(): Promise<void> {
    return this.#settle();
  }

  async #settle(options?: WaitOptions): Promise<void> {
    // First all messages to the room, then what the room has sent for them to others.
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from(this.#clients, (client) => client.settle(options)));
    }
  }

  /**
   * Puts the room into hibernation: its memory is gone, and its connections stay open. It waits until
   * the room is idle.
   *
   * @throws Error if the party does not hibernate, if timers of the party keep it awake (it then sleeps
   *   when it is idle), if the room does not answer in time, after its test, and in a room's own code.
   */
  sleep(options?: WaitOptions): Promise<void> {
    return this.#inTurn("sleep", () => this.#sleep(options));
  }

  async #sleep(options: WaitOptions | undefined): Promise<void> {
    this.#checkIsOpen("sleep");
    const { className, hibernates } = this.#about;
    if (!hibernates) {
      throw new Error(
        `sleep: ${className} does not hibernate. Set \`static options = { hibernate: true }\`, or use restart().`,
      );
    }
    const deadline = new Deadline(this.#timeoutMs(options));
    const late = `sleep: ${className} did not answer within ${deadline.ms} ms. ${BLOCKED}`;
    await deadline.step(this.#settle(deadline.waits), late);
    const delaysMs = await deadline.step(
      this.run(() => clock.timers.ownDelaysMs),
      late,
    );
    this.#checkIsOpen("sleep");
    let end: { error?: unknown } | undefined;
    void this.#tools.pool.evictDurableObject(this.stub).then(
      () => (end = {}),
      (error: unknown) => (end = { error }),
    );
    const { error } = await waitFor({
      look: () => end,
      timeoutMs: deadline.leftMs,
      failure: () =>
        `sleep: ${className} ${shown(this.name)} was not idle within ${deadline.ms} ms. ${whyAwake(delaysMs)}`,
    });
    if (error && !isAsleep(error)) {
      throw new Error(`sleep: ${className} was not idle. ${whyAwake(delaysMs)}`, { cause: error });
    }
  }

  /**
   * Restarts the room, as a deploy or a crash does: its memory is gone, its connections are lost, and
   * its storage stays. It returns when the clients have reconnected. Raw clients do not.
   *
   * @throws Error if the room does not answer in time (it then does not restart), after its test, and in
   *   a room's own code.
   */
  restart(options?: WaitOptions): Promise<void> {
    return this.#inTurn("restart", () => this.#restart(options));
  }

  async #restart(options: WaitOptions | undefined): Promise<void> {
    this.#checkIsOpen("restart");
    const deadline = new Deadline(this.#timeoutMs(options));
    const late = `restart: the room did not answer within ${deadline.ms} ms. ${BLOCKED}`;
    await deadline.step(this.#settle(deadline.waits), late);
    const before = Array.from(this.#clients, (client) => [client, client.sockets] as const);
    let isOver = false;
    const abort = this.run((_party, ctx) => {
      // A blocked room runs this later, maybe when another test has the room.
      isOver = this.#isClosed || deadline.leftMs === 0;
      if (!isOver) ctx.abort("The test restarts the room.");
    });
    // The error is that of the abort.
    await deadline.step(
      abort.catch(() => {}),
      late,
    );
    this.#checkIsOpen("restart");
    if (isOver) throw new Error(late);
    const rest = { timeoutMs: deadline.leftMs };
    await Promise.all(before.map(([client, sockets]) => client.restored(sockets, rest)));
  }

  /**
   * Moves the clock: `Date`, `performance.now`, and the timers of the room, its clients and the test.
   * Timers and alarms on the way run at their times. All rooms of the test share the clock. Waits of
   * this kit and of `vi` keep to the real time. Moves that are asked for at once run one after the
   * other, as do `sleep` and `restart`. Wait for a move: the end of its test ends it.
   *
   * @throws Error if `onAlarm` throws, if it takes too long, in a room's own code, and while Vitest's
   *   fake timers or time are in use.
   */
  async advance(ms: number, options?: WaitOptions): Promise<void> {
    this.#checkIsOpen("advance");
    return this.#inTurn("advance", () => this.#advance(ms, options));
  }

  async #advance(ms: number, options: WaitOptions | undefined): Promise<void> {
    this.#checkIsOpen("advance");
    if (isFaked(this.#tools)) {
      throw new Error("advance moves the real clock: call vi.useRealTimers() first.");
    }
    clock.replaceTime();
    const checkIsOpen = () => this.#checkIsOpen("advance");
    await advance(ms, rooms, { timeoutMs: this.#timeoutMs(options), checkIsOpen });
  }

  /** Ends all clients, and puts the clock right. At the end of a test it runs by itself. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await Promise.all(Array.from(this.#clients, (client) => client.end()));
    } finally {
      this.#clients.clear();
      rooms.delete(this.#advanced);
      clock.release();
      if (rooms.size === 0) forgetTurns();
    }
  }

  /** In a room it would wait for itself, and be lost with it: so would the turns after it. */
  async #inTurn(what: string, run: () => Promise<void>): Promise<void> {
    if (isOwn(this.#socketOfTest)) return inTurn(run);
    throw new Error(`${what}: call it in the test, not in a room's own code.`);
  }

  #inside<Result>(
    run: (object: RoomObject, ctx: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#tools.pool.runInDurableObject(this.stub, async (object, ctx) => {
      await start(object, this.#about.kind, this.#place);
      return run(object, ctx);
    });
  }

  async #opened<Client extends BaseClient>(client: Client): Promise<Client> {
    this.#clients.add(client);
    try {
      await client.opened();
    } catch (error) {
      await client.end();
      this.#clients.delete(client);
      throw error;
    }
    return client;
  }

  #timeoutMs({ timeoutMs = this.#patience.leftMs }: WaitOptions = {}): number {
    if (timeoutMs >= 0) return timeoutMs;
    throw new RangeError(`timeoutMs takes milliseconds, 0 or more, not ${shown(timeoutMs)}.`);
  }

  #checkIsOpen(what: string): void {
    if (!this.#isClosed) return;
    throw new Error(`${what}: the test of room ${shown(this.name)} is over. Open another one.`);
  }
}

/** Why a room may not run a function of the kit. It may also be slow. */
const BLOCKED = "Has a function that it has passed to blockConcurrencyWhile not ended?";

/** The open connections with an id. A Server may let several have one. */
function connectionsOf(object: RoomObject, id: string) {
  return Array.from(object.getConnections()).filter((connection) => connection.id === id);
}

/** Whether the pool refuses to evict a room because it does not run. */
function isAsleep(error: unknown): boolean {
  return String(error).includes("not currently running");
}

function whyAwake(delaysMs: readonly number[]): string {
  if (delaysMs.length === 0) return "A request, a fetch or a promise of the party is pending.";
  return `Its timers keep it awake: they fire in ${delaysMs.join(", ")} ms.`;
}
