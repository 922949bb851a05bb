import type { Contract } from "@partyflare/shared";
import type { Party } from "../party";
import { fetchRoom } from "../routing/fetch-room";
import { roomStub } from "../routing/with-room";
import { advance, type AdvancedRoom } from "./advance";
import type { BaseClient, RoomLink } from "./base-client";
import { clock } from "./clock";
import { Patience, waitFor, type WaitOptions } from "./patience";
import { RawClient, type RawJoinOptions } from "./raw-client";
import { shown } from "./shown";
import { type JoinOptions, TestClient } from "./test-client";
import { isFaked, loadClient, type Tools } from "./tools";

/** The class of a party, as `DurableObjectNamespace<Chat>` has it; undefined without one. */
export type AnyRoom = Rpc.DurableObjectBranded | undefined;

/** The contract of a party's class. */
// oxlint-disable-next-line typescript/no-explicit-any -- any bindings
export type ContractOf<Room> = Room extends Party<any, infer C> ? C : {};

/** The party that `run` passes: any one, if the namespace does not name its class. */
export type PartyOf<Room> = Room extends undefined ? Party : Room;

/** The part of every party that the kit uses. */
type AnyParty = Pick<Party, "getConnection">;

/** The rooms whose tests run. One clock moves them all. */
const rooms = new Set<AdvancedRoom>();

/** What the kit reads from a party. */
interface About {
  readonly className: string;
  readonly hibernates: boolean;
}

/** A room in a test. `openRoom` returns it. */
export class TestRoom<Room extends AnyRoom> {
  /** The room's name. */
  readonly name: string;
  readonly #namespace: DurableObjectNamespace<Room>;
  readonly #tools: Tools;
  readonly #patience: Patience;
  readonly #about: About;
  readonly #clients = new Set<BaseClient>();
  readonly #link: RoomLink;
  readonly #advanced: AdvancedRoom;
  #isClosed = false;

  /** @internal Tests call `openRoom`. */
  constructor(
    namespace: DurableObjectNamespace<Room>,
    name: string,
    { tools, about }: { tools: Tools; about: About },
  ) {
    this.name = name;
    this.#namespace = namespace;
    this.#tools = tools;
    this.#about = about;
    this.#patience = new Patience(tools.vitest);
    this.#link = {
      name,
      party: about.className,
      upgrade: (url, headers) => this.#upgrade(url, headers),
      settle: () => this.settle(),
      lists: (id) => this.#inside((party) => party.getConnection(id) !== undefined),
      mark: (id, text) => this.#inside((party) => party.getConnection(id)?.send(text)),
      timeoutMs: (options) => this.#timeoutMs(options),
      checkIsOpen: (what) => this.#checkIsOpen(what),
    };
    const clients = this.#clients;
    this.#advanced = {
      get activity() {
        return Array.from(clients, ({ activity }) => activity).reduce((sum, one) => sum + one, 0);
      },
      answered: () => Promise.all(Array.from(clients, (client) => client.answered())),
      alarmAtMs: () => this.#inside((_party, { storage }) => storage.getAlarm()),
      ring: () => tools.pool.runDurableObjectAlarm(this.stub),
      run: (run) => this.#inside(run),
      settle: () => this.settle(),
    };
    rooms.add(this.#advanced);
    clock.hold();
  }

  /** A stub of the room: for its `fetch`, and for the party's own methods (RPC). */
  get stub(): DurableObjectStub<Room> {
    return roomStub(this.#namespace, this.name);
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
    return this.#inside((party, ctx) => run(party as PartyOf<Room>, ctx));
  }

  /**
   * Waits until the room has handled everything that the clients of this test have sent, and the
   * clients have everything that the room has sent. It takes no time beyond that.
   */
  async settle(): Promise<void> {
    // First all messages to the room, then what the room has sent for them to others.
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from(this.#clients, (client) => client.settle()));
    }
  }

  /**
   * Puts the room into hibernation: its memory is gone, and its connections stay open. It waits until
   * the room is idle.
   *
   * @throws Error if the party does not hibernate, or if timers of the party keep it awake.
   */
  async sleep(options?: WaitOptions): Promise<void> {
    const { className, hibernates } = this.#about;
    if (!hibernates) {
      throw new Error(
        `sleep: ${className} does not hibernate. Set \`static options = { hibernate: true }\`, or use restart().`,
      );
    }
    await this.settle();
    const timeoutMs = this.#timeoutMs(options);
    const delaysMs = await this.run(() => clock.timers.ownDelaysMs);
    let end: { error?: unknown } | undefined;
    void this.#tools.pool.evictDurableObject(this.stub).then(
      () => (end = {}),
      (error: unknown) => (end = { error }),
    );
    const { error } = await waitFor({
      look: () => end,
      timeoutMs,
      failure: (ms) =>
        `sleep: ${className} ${shown(this.name)} was not idle within ${ms} ms. ${whyAwake(delaysMs)}`,
    });
    if (error && !isAsleep(error)) {
      throw new Error(`sleep: ${className} was not idle. ${whyAwake(delaysMs)}`, { cause: error });
    }
  }

  /**
   * Restarts the room, as a deploy or a crash does: its memory is gone, its connections are lost, and
   * its storage stays. It returns when the clients have reconnected. Raw clients do not.
   */
  async restart(): Promise<void> {
    await this.settle();
    const before = Array.from(this.#clients, (client) => [client, client.sockets] as const);
    // The error is that of the abort.
    await this.run((_party, ctx) => ctx.abort("The test restarts the room.")).catch(() => {});
    await Promise.all(before.map(([client, sockets]) => client.restored(sockets)));
  }

  /**
   * Moves the clock: `Date`, `performance.now`, and the timers of the room, its clients and the test.
   * Timers and alarms on the way run at their times. All rooms of the test share the clock. Waits of
   * this kit and of `vi` keep to the real time.
   *
   * @throws Error if `onAlarm` throws, if it takes too long, and while Vitest's fake timers or time are in use.
   */
  async advance(ms: number, options?: WaitOptions): Promise<void> {
    this.#checkIsOpen("advance");
    if (isFaked(this.#tools)) {
      throw new Error("advance moves the real clock: call vi.useRealTimers() first.");
    }
    await advance(ms, rooms, this.#timeoutMs(options));
  }

  /** Ends all clients, and puts the clock right. At the end of a test it runs by itself. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await Promise.all(Array.from(this.#clients, (client) => client.end()));
    } finally {
      rooms.delete(this.#advanced);
      clock.release();
    }
  }

  #inside<Result>(
    run: (party: AnyParty, ctx: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#tools.pool.runInDurableObject(this.stub, run);
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

  /** As the Worker does it: its router turns a refusal into a close. */
  async #upgrade(url: string, headers: Headers): Promise<Response> {
    const parties = { [this.#about.className]: this.#namespace as DurableObjectNamespace };
    // The router finds the room by its URL.
    return (await fetchRoom(new Request(url, { headers }), {}, { parties })) as Response;
  }

  #checkIsOpen(what: string): void {
    if (!this.#isClosed) return;
    throw new Error(`${what}: the test of room ${shown(this.name)} is over. Open another one.`);
  }
}

/** Whether the pool refuses to evict a room because it does not run. */
function isAsleep(error: unknown): boolean {
  return String(error).includes("not currently running");
}

function whyAwake(delaysMs: readonly number[]): string {
  if (delaysMs.length === 0) return "A request, a fetch or a promise of the party is pending.";
  return `Its timers keep it awake: they fire in ${delaysMs.join(", ")} ms.`;
}
